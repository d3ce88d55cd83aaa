/** Lines to paste for npm, pnpm, Yarn and Bun. */
import type { InstallTarget, Snippet } from '../format.ts'
import { splitPath } from './names.ts'

export function install({ links, level, package: pkg }: InstallTarget): readonly Snippet[] {
  const registry = links.to('/').replace(/\/*$/, '/')
  const scope = pkg ? splitPath(pkg.name).scope : ''
  const snippets = [
    { title: '.npmrc (npm, pnpm, Bun)', language: 'ini', text: npmrc(registry, scope) },
    { title: '.yarnrc.yml (Yarn)', language: 'yaml', text: yarnrc(registry, scope) },
  ]
  if (level === 'project') {
    snippets.push({ title: 'Publish', language: 'shell', text: `npm publish --registry ${registry}` })
  }
  if (!pkg) return snippets
  const spec = `${pkg.name}@${pkg.version}`
  const commands = { npm: 'npm install', pnpm: 'pnpm add', Yarn: 'yarn add', Bun: 'bun add' }
  const lines = Object.entries(commands).map(([title, command]) => ({
    title,
    language: 'shell',
    text: `${command} ${spec}`,
  }))
  return [...lines, ...snippets]
}

function npmrc(registry: string, scope: string): string {
  const key = scope === '' ? 'registry' : `${scope}:registry`
  return `${key}=${registry}\n${registry.replace(/^https?:/, '')}:_authToken=\${NPM_TOKEN}\n`
}

function yarnrc(registry: string, scope: string): string {
  const lines = [`npmRegistryServer: "${registry}"`, 'npmAuthToken: "${NPM_TOKEN}"', 'npmAlwaysAuth: true']
  if (scope === '') return `${lines.join('\n')}\n`
  return `npmScopes:\n  ${scope.slice(1)}:\n${lines.map((line) => `    ${line}`).join('\n')}\n`
}
