/** Whether a text can be the issuer of ID tokens (OpenID Connect Discovery 1.0, 3): a URL without query or fragment. */
export function isIssuer(text: string): boolean {
  return text.length <= 1024 && /^https?:\/\/[^?#\\@\s]+$/.test(text) && URL.canParse(text)
}
