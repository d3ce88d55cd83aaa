/** Content-Disposition of downloads (RFC 6266, RFC 8187). */

/** `attachment` with the file's name; names beyond plain ASCII also in the `filename*` form. Accepts any text. */
export function attachment(fileName: string): string {
  if (/^[\w.+@~ ()-]+$/.test(fileName)) return `attachment; filename="${fileName}"`
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%/]/gu, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended(fileName)}`
}

/** Percent-encodes all but the attribute characters of RFC 8187. */
function extended(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/['()*]/g, (char) => `%${hex(char)}`)
}

const hex = (char: string) => char.charCodeAt(0).toString(16).toUpperCase()
