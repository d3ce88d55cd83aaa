import { once } from 'node:events'

/** Resolves when this process is told to stop, by a person or by what supervises it; it stays alive until then. */
export async function stopSignal(): Promise<void> {
  const alive = setInterval(() => {}, 86_400_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(alive)
}
