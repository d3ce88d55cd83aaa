const mostRemembered = 256
const longestRemembered = 256

/**
 * The same function of a text, with the answers for short texts remembered: for what clients send in few different
 * forms, such as negotiation headers. Beyond 256 different texts it works each one out.
 */
export function remember<T>(work: (text: string) => T): (text: string) => T {
  const remembered = new Map<string, T>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const result = work(text)
    if (text.length <= longestRemembered && remembered.size < mostRemembered) remembered.set(text, result)
    return result
  }
}
