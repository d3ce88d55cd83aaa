import { hash } from 'node:crypto'

/**
 * The first 12 hexadecimal digits of the sha256 of each well-known public registry's host name: our files name none,
 * so this one does not either. To add one: `printf %s <host> | sha256sum | cut -c1-12`.
 */
const known = new Set(
  `
  00a7dc5a0cc3 048e76c14ef3 05b16d11407c 095fbbaf0076 0dc11026ac75 0e10f3b8bb2a 0fd460f0568e
  14fb6ad5957b 15bdb44dafa6 1ba4e37997a2 24f81de5fc49 271dacc9f4d0 2c77714df232 317d2d52829b
  3530c4415dd8 384fe328e9cc 386c042daaf7 394bc662b64e 3d01f3609be8 4189e62695dc 43c04ed1dabe
  4445b86dcaaf 46a7f8326a0d 4db460c55b85 4f247acdba64 5e9dacd35779 6fb140a43aa8 70bb4000cd2f
  70cca582c489 7117c828d2af 71741fe2460a 75c5f478b8ea 789e46d79514 826cd146d647 8400b8bd0d6e
  8454fabc8b63 9495278a7471 96bf57e26bd8 9ab2ad663f3d 9da5f32d9641 a0f007d863a0 a2af24d89294
  a41c95c2a481 a4aa2ac280bb a5901d8d10f5 ad3e035d0215 b7414beeef75 ba1e8c503762 bd048f6f965d
  be2f919014d7 be549aaf28b6 c899567ee906 d375fc3dbd8e d6d7019ca9fc dcb6cc3991f9 e2dd3580aeeb
  e41a0296d240 e680c440a2e9 e7fbfb5eb8b8 e83cc4bcd94e eb7e11c7f9ec ed81f666b1c4 edd83f6692f9
  edf7dcad352d f483c1237e51 f5c653675ede f65219c547f9 fcb9af86680a fdb9f95c4fcf
`
    .trim()
    .split(/\s+/),
)
const hostLike = /(?<![\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w-])/gi

/** Host names of public registries that occur in a text. */
export function publicRegistriesIn(text: string): string[] {
  const hosts = new Set(text.match(hostLike)?.map((host) => host.toLowerCase()))
  return [...hosts].filter((host) => known.has(hash('sha256', host).slice(0, 12)))
}
