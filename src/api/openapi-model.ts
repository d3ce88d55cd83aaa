/** What the OpenAPI document is made of, as far as its two makers share it. */
export type Operation = Record<string, unknown>
/** By path, then by method in lower case. */
export type Paths = Record<string, Record<string, Operation>>

/** Each of them will do. */
export const tokenSecurity = [{ privateToken: [] }, { bearer: [] }, { basic: [] }]
/** Where job tokens reach. */
export const jobSecurity = [...tokenSecurity, { jobToken: [] }]
/** Package routes take every kind of token. */
export const packageSecurity = [...jobSecurity, { deployToken: [] }]
/** Which credentials an operation takes; `optional`: or none at all. */
export const securityOf = (schemes: readonly object[], optional: boolean) => ({
  security: optional ? [...schemes, {}] : schemes,
})
