/** Lines to paste for pip, uv, Poetry and twine. */
import type { InstallTarget, Snippet } from '../format.ts'

export function install({ links, level, package: pkg }: InstallTarget): readonly Snippet[] {
  const index = links.to('/simple/')
  const snippets: Snippet[] = [
    { title: 'pip, for all commands', language: 'shell', text: `export PIP_INDEX_URL="${withToken(index)}"` },
    { title: 'pyproject.toml (uv)', language: 'ini', text: uvIndex(index) },
    { title: 'pyproject.toml (Poetry)', language: 'ini', text: poetrySource(index) },
  ]
  if (level === 'project') snippets.push(...publishing(links.to('/')))
  if (!pkg) return snippets
  const spec = `${pkg.name}==${pkg.version}`
  return [
    { title: 'pip', language: 'shell', text: `pip install --index-url ${withToken(index)} '${spec}'` },
    { title: 'uv', language: 'shell', text: `uv pip install --default-index ${withToken(index)} '${spec}'` },
    ...snippets,
  ]
}

/** The token is expanded by shells, and by pip in requirements files; not in pip.conf. */
const withToken = (url: string) => url.replace('://', '://__token__:${ENTREPOT_TOKEN}@')

const uvIndex = (url: string) => `[[tool.uv.index]]\nname = "entrepot"\nurl = "${url}"\ndefault = true\n`

const poetrySource = (url: string) =>
  `[[tool.poetry.source]]\nname = "entrepot"\nurl = "${url}"\npriority = "primary"\n`

function publishing(url: string): readonly Snippet[] {
  const twine = `twine upload --repository-url ${url} -u __token__ -p "$ENTREPOT_TOKEN" dist/*`
  const uv = `uv publish --publish-url ${url} --token "$ENTREPOT_TOKEN"`
  return [
    { title: 'Publish with twine', language: 'shell', text: twine },
    { title: 'Publish with uv', language: 'shell', text: uv },
  ]
}
