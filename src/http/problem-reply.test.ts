import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notFound, Problem } from '../lib/problem.ts'
import { problemReply } from './problem-reply.ts'

function recordingLog() {
  const lines: unknown[] = []
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, ...fields })
  return { lines, error: keep('error'), warn: keep('warn') }
}

test('a problem is rendered as it is, unlogged', () => {
  const log = recordingLog()
  const reply = problemReply(new Problem(405, 'method_not_allowed', 'no', { allow: 'GET' }), log, 'r1')
  assert.deepEqual(reply, {
    status: 405,
    code: 'method_not_allowed',
    message: 'no',
    headers: { allow: 'GET' },
    json: { message: 'no' },
  })
  assert.equal(problemReply(notFound(), log, 'r1').status, 404)
  assert.deepEqual(log.lines, [])
})

test('anything else is a bare 500, logged with the request id', () => {
  const log = recordingLog()
  const secret = new Error('SELECT secret FROM table')
  for (const thrown of [secret, 'text', undefined, null]) {
    const reply = problemReply(thrown, log, 'r1')
    assert.equal(reply.status, 500)
    assert.deepEqual(reply.json, { message: '500 Internal Server Error (request r1)' })
    assert.equal(reply.message, '500 Internal Server Error (request r1)')
  }
  assert.deepEqual(log.lines[0], { level: 'error', message: 'request failed', err: secret, requestId: 'r1' })
  assert.equal(log.lines.length, 4)
})

test('problems from 500 on are logged: somebody has to act', () => {
  const log = recordingLog()
  const full = new Problem(507, 'storage_full', 'no space left')
  assert.equal(problemReply(full, log, 'r1').status, 507)
  assert.deepEqual(log.lines, [{ level: 'warn', message: 'no space left', err: full, requestId: 'r1' }])
})
