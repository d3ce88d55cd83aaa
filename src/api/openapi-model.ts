/** What the OpenAPI document is made of, as far as its two makers share it. */
export type Operation = Record<string, unknown>
/** By path, then by method in lower case. */
export type Paths = Record<string, Record<string, Operation>>

/** Each of them will do. */
export const tokenSecurity = [{ privateToken: [] }, { bearer: [] }, { basic: [] }]
/** As above, or none at all. */
export const optionalSecurity = [...tokenSecurity, {}]
