/** Text whose bytes are in the order of versions, so that a list is sorted without being read. */

/**
 * Compares, byte by byte, as deb-version(7) compares versions; equal for versions that it calls equal. Takes a valid
 * version, epoch and revision included.
 */
export function orderKey(version: string): string {
  const colon = version.indexOf(':')
  const rest = version.slice(colon + 1)
  const hyphen = rest.lastIndexOf('-')
  const upstream = hyphen === -1 ? rest : rest.slice(0, hyphen)
  const revision = hyphen === -1 ? '' : rest.slice(hyphen + 1)
  return [version.slice(0, Math.max(colon, 0)), upstream, revision].map(partKey).join('')
}

/** No key of a part is the beginning of another's, so they may stand one after the other. */
function partKey(part: string): string {
  let key = ''
  const pieces = part.matchAll(/([^0-9]*)([0-9]*)/g)
  for (const [piece, text, digits] of pieces) {
    if (piece === '' && key !== '') break
    key += [...text!].map(characterKey).join('') + end + numberKey(digits!)
  }
  return key + end
}

/** Behind a tilde, before everything else. */
const end = '2'

function characterKey(character: string): string {
  if (character === '~') return '1'
  return /[a-z]/i.test(character) ? character : `~${character}`
}

/** Longer numbers are greater ones. */
function numberKey(digits: string): string {
  const number = digits.replace(/^0+/, '')
  return `${String(number.length).padStart(3, '0')}${number}`
}
