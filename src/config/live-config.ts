/** The configuration of a running server, part of which it takes anew on SIGHUP. */
import { hash } from 'node:crypto'
import { deepFreeze } from './freeze.ts'
import type { Config } from './config.ts'
import { configSchema, type ConfigurableFormat } from './schema.ts'
import { settingsOf, type Setting } from './schema-walk.ts'

export interface LiveConfig {
  /** As it is now. Ask again for each request: what was destructured stays as it was. */
  readonly current: Config
  /** Takes what can change at run time from `next`. Says what that was, by key, and what waits for a restart. */
  take(next: Config): ConfigChanges
}

/** Keys as they are written in the file. */
export interface ConfigChanges {
  readonly taken: readonly string[]
  readonly waiting: readonly string[]
}

/** Begins with `config`. */
export function liveConfig(config: Config, formats: readonly ConfigurableFormat[]): LiveConfig {
  const settings = settingsOf(configSchema(formats))
  let current = config
  return {
    get current() {
      return current
    },
    take(next) {
      const { fingerprints: before } = current
      const changed = settings.filter((one) => before[keyOf(one)] !== next.fingerprints[keyOf(one)])
      const taken = changed.filter(({ words }) => words.atRunTime).map(keyOf)
      const waiting = changed.filter(({ words }) => !words.atRunTime).map(keyOf)
      const after = Object.fromEntries(taken.map((key) => [key, next.fingerprints[key]!]))
      current = deepFreeze({ ...withRunTimeSettings(current, next), fingerprints: { ...before, ...after } })
      return { taken, waiting }
    },
  }
}

const keyOf = ({ path }: Setting) => path.join('.')

/** For `Config.fingerprints`, from the values that the schema gave. */
export function fingerprints(
  values: unknown,
  formats: readonly ConfigurableFormat[],
): Record<string, string> {
  return Object.fromEntries(
    settingsOf(configSchema(formats)).map((one) => [keyOf(one), fingerprint(valueAt(values, one.path))]),
  )
}

const fingerprint = (value: unknown) => hash('sha256', JSON.stringify(value) ?? '').slice(0, 16)

function valueAt(values: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof values !== 'object' || values === null)
    return key === undefined ? values : undefined
  return valueAt((values as Record<string, unknown>)[key], rest)
}

/** `running` with every setting of `next` that is marked as one that can change at run time. */
function withRunTimeSettings(running: Config, next: Config): Config {
  return {
    ...running,
    http: next.http,
    limits: next.limits,
    log: next.log,
    metrics: next.metrics,
    rateLimits: next.rateLimits,
    shutdown: next.shutdown,
    packages: {
      ...running.packages,
      maxFileSize: next.packages.maxFileSize,
      restoreDays: next.packages.restoreDays,
    },
  }
}
