/** Which form of the simple index a client asked for (PEP 691, "Content negotiation"). */
import { remember } from '../../lib/remember.ts'

export const jsonType = 'application/vnd.pypi.simple.v1+json'
export const htmlType = 'application/vnd.pypi.simple.v1+html'
export const plainType = 'text/html; charset=utf-8'

/** The part of a document, and the media type it is sent as. */
export interface SimpleForm {
  readonly part: '' | 'json'
  readonly contentType: string
}

/** With the ranges that fit it, the closest first. In PyPI's order of preference among what a client likes as much. */
const offers: readonly (SimpleForm & { readonly ranges: readonly string[] })[] = [
  { part: '', contentType: plainType, ranges: ['text/html', 'text/*', '*/*'] },
  {
    part: '',
    contentType: htmlType,
    ranges: [htmlType, 'application/vnd.pypi.simple.latest+html', 'application/*', '*/*'],
  },
  {
    part: 'json',
    contentType: jsonType,
    ranges: [jsonType, 'application/vnd.pypi.simple.latest+json', 'application/*', '*/*'],
  },
]

const negotiated = remember((accept: string): SimpleForm => {
  const qualities = readAccept(accept)
  let best = { offer: offers[0]!, quality: 0 }
  for (const offer of offers) {
    const closest = offer.ranges.find((range) => qualities.has(range))
    const quality = closest === undefined ? 0 : qualities.get(closest)!
    if (quality > best.quality) best = { offer, quality }
  }
  return best.offer
})

/** Qualities by media range (RFC 9110, 12.5.1). */
function readAccept(accept: string): ReadonlyMap<string, number> {
  const ranges = accept.slice(0, 2000).toLowerCase().split(',')
  return new Map(
    ranges.map((range) => {
      const [type = '', ...parameters] = range.split(';').map((text) => text.trim())
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return [type, quality === undefined ? 1 : Number(quality) || 0]
    }),
  )
}

/**
 * `format` is the query parameter that stands for the header where one cannot be sent; a plus sign in it, written as it
 * is, arrives as a blank. Whoever wants none of the forms gets HTML.
 */
export function chooseForm(accept: string | undefined, format: string | null): SimpleForm {
  return negotiated(format?.replaceAll(' ', '+') || (accept ?? ''))
}
