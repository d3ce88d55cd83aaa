/** The section `sso`: the OpenID provider that signs people in on the web. */
import { z } from 'zod'
import { parseIssuer } from './addresses.ts'
import { flag, optionalSetting, parsed, requiredSetting, setting, text, wholeNumber } from './settings.ts'

const roleNames = ['guest', 'reporter', 'developer', 'maintainer', 'owner'] as const

/** Members of a group at the provider get a role on a group of ours, by its full path. */
export interface GroupRole {
  /** The provider's name or id of the group, as it stands in the claim. */
  readonly claim: string
  readonly group: string
  readonly role: (typeof roleNames)[number]
}

const issuer = parsed("an issuer's URL, such as 'https://login.example.com/realms/acme'", parseIssuer)
const scopes = parsed("scopes with a space between them, such as 'openid profile groups'", (value) => {
  if (typeof value !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(value)) {
    return undefined
  }
  if (!value.split(' ').includes('openid')) throw new Error("'openid' must be among them")
  return value
})

const groupRolesSchema = z
  .array(
    z.strictObject({
      claim: z.string().min(1).max(1024),
      group: z.string().min(1).max(4096),
      role: z.enum(roleNames),
    }),
  )
  .max(1000)
const groupRoles = {
  schema: groupRolesSchema as z.ZodType<GroupRole[]>,
  allowed: `a list such as [{claim: platform-team, group: acme/platform, role: developer}], each role one of ${roleNames.join(', ')}`,
}

export const ssoKeys = {
  issuer: requiredSetting(issuer, 'The provider. Its addresses and keys are discovered from there.'),
  client_id: requiredSetting(
    text('a text', { max: 1024 }),
    'The id under which the provider knows this server.',
  ),
  client_secret: optionalSetting(
    text('a text', { max: 4096 }),
    'The secret that belongs to it; left out where the provider gave none (a public client).',
    { secret: true },
  ),
  scopes: setting(scopes, 'openid profile', 'What is asked of the provider.'),
  name: setting(
    text('a text of at most 60 characters', { max: 60 }),
    'single sign-on',
    "What the button says behind 'Sign in with'.",
  ),
  groups_claim: setting(
    text('a text', { max: 255 }),
    'groups',
    "The claim that lists a person's groups at the provider.",
  ),
  group_roles: optionalSetting(
    groupRoles,
    "Roles on groups by the provider's groups; given and taken at each sign-in.",
    { fallback: 'none' },
  ),
  admin_group: optionalSetting(
    text('a text', { max: 1024 }),
    "The provider's group whose members are administrators, and nobody else who signs in through the provider.",
    { fallback: 'the provider makes no administrators' },
  ),
  create_users: setting(
    flag,
    true,
    'Whether people who sign in for the first time get a user; otherwise they need an invitation.',
  ),
  recheck_days: setting(
    wholeNumber(0, 3650),
    30,
    'After so many days without signing in through the provider, its people are signed out and their tokens refused until they do; 0: never.',
  ),
}
