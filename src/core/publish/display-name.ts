import { invalid } from '../../lib/problem.ts'

// Control characters, and those that change the direction of the text around them (Unicode Bidi_Control).
const unprintable = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

/** Refuses text that would not show as what it is: 400 naming what is wrong. */
export function checkDisplayName(what: string, text: string): void {
  if (text.length === 0) throw invalid(`the ${what} is empty`)
  if (text.length > 1024) throw invalid(`the ${what} is longer than 1024 characters`)
  if (unprintable.test(text)) throw invalid(`the ${what} contains control or direction characters`)
}
