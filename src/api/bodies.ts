/** The request bodies REST understands: JSON, and forms as curl sends them. */
import type { FastifyInstance } from 'fastify'

/** Adds the parsers to this part of the app only. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  const json = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else json(request, body as string, done)
  })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, formValues(body as string)),
  )
}

/** `a=1&list[]=x&list[]=y` as `{ a: '1', list: ['x', 'y'] }`. */
export function formValues(text: string): Record<string, string | string[]> {
  const values: Record<string, string | string[]> = Object.create(null)
  for (const [key, value] of new URLSearchParams(text)) {
    if (!key.endsWith('[]')) {
      values[key] = value
      continue
    }
    const name = key.slice(0, -2)
    const known = values[name]
    if (Array.isArray(known)) known.push(value)
    else values[name] = [value]
  }
  return values
}
