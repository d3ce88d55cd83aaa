import { hash } from 'node:crypto'
import type { FormatCases, Published } from '../testing/access-cases.ts'

const body = 'a jar for those who may read'
const jar = ({ name }: Pick<Published, 'name'>, version: string) => `/${name}/${version}/lib-${version}.jar`

export const accessCases: FormatCases = {
  name: ({ project }) => `${project}/lib`,
  publish: (name) => [
    { method: 'PUT', path: jar({ name }, '7.7.7'), body },
    {
      method: 'PUT',
      path: `/${name}/7.7.7/lib-7.7.7.pom`,
      body: `<project><modelVersion>4.0.0</modelVersion><groupId>${name.split('/').slice(0, -1).join('.')}</groupId><artifactId>lib</artifactId><version>7.7.7</version></project>`,
    },
  ],
  cases: [
    {
      route: 'GET /:path+',
      may: 'read_packages',
      request: (published) => ({ method: 'GET', path: jar(published, '7.7.7') }),
      shows: body,
    },
    {
      route: 'GET /:path+',
      may: 'read_packages',
      request: (published) => ({ method: 'GET', path: `${jar(published, '7.7.7')}.sha1` }),
      shows: hash('sha1', body),
    },
    {
      route: 'GET /:path+',
      may: 'read_packages',
      request: ({ name }) => ({ method: 'GET', path: `/${name}/maven-metadata.xml` }),
      shows: '7.7.7',
    },
    {
      route: 'PUT /:path+',
      may: 'publish',
      request: (published) => ({ method: 'PUT', path: jar(published, '8.0.0'), body: 'new' }),
      changes: 'packages',
    },
    {
      route: 'PUT /:path+',
      may: 'publish',
      request: (published) => ({
        method: 'PUT',
        path: `${jar(published, '8.0.0')}.sha1`,
        body: hash('sha1', 'new'),
      }),
      changes: 'packages',
    },
  ],
}
