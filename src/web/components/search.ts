import type { Visit } from '../visit.ts'

/** The text that the address searches for. */
export const searched = ({ target }: Visit) => (target.query.get('search') ?? '').trim().slice(0, 200)
