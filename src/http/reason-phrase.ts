/**
 * The text of a status line (RFC 9112 section 4) for an error: mvn and apt show it and never the body. Without the
 * status that GitLab's messages begin with, cut at 200 characters, and in visible ASCII, which nobody has to decode.
 */
export function reasonPhrase(message: string): string {
  const words = message.replace(/^[1-5]\d\d /, '')
  return words.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')
}
