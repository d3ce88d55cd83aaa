/** Which form of the simple index a client asked for (PEP 691, "Content negotiation"). */
import { remember } from '../../lib/remember.ts'

export const jsonType = 'application/vnd.pypi.simple.v1+json'
export const htmlType = 'application/vnd.pypi.simple.v1+html'
const plainType = 'text/html; charset=utf-8'

/** The part of a document, and the media type it is sent as. */
export interface SimpleForm {
  readonly part: '' | 'json'
  readonly contentType: string
}

const plain: SimpleForm = { part: '', contentType: plainType }
const json: SimpleForm = { part: 'json', contentType: jsonType }
const html: SimpleForm = { part: '', contentType: htmlType }
/** In the order of preference among those that a client likes as much. */
const forms: readonly (readonly [names: readonly string[], form: SimpleForm])[] = [
  [[jsonType, 'application/vnd.pypi.simple.latest+json'], json],
  [[htmlType, 'application/vnd.pypi.simple.latest+html'], html],
  [['text/html', 'application/xhtml+xml', 'text/*', '*/*'], plain],
]

const negotiated = remember((accept: string): SimpleForm => {
  let best = { form: plain, quality: 0 }
  for (const [names, form] of forms) {
    const quality = Math.max(
      0,
      ...rangesOf(accept).map((range) => (names.includes(range.type) ? range.quality : 0)),
    )
    if (quality > best.quality) best = { form, quality }
  }
  return best.form
})

function rangesOf(accept: string): { type: string; quality: number }[] {
  return accept
    .slice(0, 2000)
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((text) => text.trim().toLowerCase())
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return { type, quality: quality === undefined ? 1 : Number(quality) || 0 }
    })
}

/** `format` is the query parameter that stands for the header where one cannot be sent. Whoever wants neither gets HTML. */
export function chooseForm(accept: string | undefined, format: string | null): SimpleForm {
  return negotiated(format ?? accept ?? '')
}
