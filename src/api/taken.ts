import { Problem } from '../lib/problem.ts'

/** GitLab answers a path that is taken with 400, not 409, when groups and projects are made. */
export async function takenAs400<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Problem && error.code === 'conflict') {
      throw new Problem(400, 'taken', error.message)
    }
    throw error
  }
}
