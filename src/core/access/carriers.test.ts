import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCarrier, credentialFrom, type Credential } from './carriers.ts'
import type { Machine, Person } from './principal.ts'

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

test('a token is found in every carrier that works everywhere', () => {
  assert.deepEqual(credentialFrom({ 'private-token': 'T' }), { token: 'T', carrier: 'private-token' })
  assert.deepEqual(credentialFrom({ 'job-token': 'T' }), { token: 'T', carrier: 'job-token' })
  assert.deepEqual(credentialFrom({ 'deploy-token': 'T' }), { token: 'T', carrier: 'deploy-token' })
  for (const authorization of ['Bearer T', 'bearer  T ']) {
    assert.deepEqual(credentialFrom({ authorization }), { token: 'T', carrier: 'bearer' })
  }
  const at = (username: string, token: string) => ({ token, carrier: 'basic', username })
  assert.deepEqual(credentialFrom(basic('anyone:T')), at('anyone', 'T'))
  assert.deepEqual(credentialFrom(basic('anyone:T:with:colons')), at('anyone', 'T:with:colons'))
  assert.deepEqual(credentialFrom(basic('T:')), at('T', 'T'))
  assert.equal(credentialFrom({ authorization: 'Digest x' }), undefined)
  assert.equal(credentialFrom({}), undefined)
})

test('an empty carrier is not there', () => {
  const empty = ['', 'Bearer', 'Bearer  ', 'Basic', 'Basic ', basic(':').authorization]
  for (const authorization of empty) assert.equal(credentialFrom({ authorization }), undefined, authorization)
  const headers = { 'private-token': '', 'job-token': '', 'deploy-token': '', authorization: 'Bearer T' }
  assert.equal(credentialFrom(headers)?.carrier, 'bearer')
})

test('of several the first counts', () => {
  const headers = { ...basic('u:B'), 'deploy-token': 'D', 'job-token': 'J', 'private-token': 'P' }
  assert.equal(credentialFrom(headers)?.token, 'P')
  assert.equal(credentialFrom({ ...headers, 'private-token': undefined })?.token, 'J')
  assert.equal(credentialFrom({ ...headers, 'private-token': '', 'job-token': '' })?.token, 'D')
})

const token = { id: 1, scopes: ['api'] } as const
const person: Person = { kind: 'user', userId: 1, username: 'alice', admin: false, token }
const machine = (what: Machine['what']): Machine => ({
  kind: 'machine',
  what,
  username: 'robot',
  token,
  at: { projectId: 1 },
  role: 30,
})
const ways: Readonly<Record<string, Omit<Credential, 'token'>>> = {
  private: { carrier: 'private-token' },
  job: { carrier: 'job-token' },
  deploy: { carrier: 'deploy-token' },
  bearer: { carrier: 'bearer' },
  format: { carrier: 'format' },
  anyName: { carrier: 'basic', username: 'anyone' },
  ownName: { carrier: 'basic', username: 'robot' },
  jobName: { carrier: 'basic', username: 'gitlab-ci-token' },
  noName: { carrier: 'basic', username: '' },
}
const accepted = (caller: Person | Machine) =>
  Object.keys(ways).filter((way) => {
    try {
      checkCarrier(caller, { token: 'T', ...ways[way]! })
      return true
    } catch (error) {
      const { status, message } = error as { status: number; message: string }
      assert.equal(status, 401)
      assert.match(message, /PRIVATE-TOKEN|JOB-TOKEN|Deploy-Token|for job tokens/)
      return false
    }
  })

test('each kind of token has its carriers', () => {
  const ofPeople = ['private', 'bearer', 'format', 'anyName', 'ownName', 'noName']
  assert.deepEqual(accepted(person), ofPeople)
  assert.deepEqual(accepted(machine('project_token')), ofPeople)
  assert.deepEqual(accepted(machine('group_token')), ofPeople)
  assert.deepEqual(accepted(machine('job_token')), [
    'job',
    'bearer',
    'format',
    'anyName',
    'ownName',
    'jobName',
    'noName',
  ])
  assert.deepEqual(accepted(machine('deploy_token')), ['deploy', 'bearer', 'format', 'ownName'])
})
