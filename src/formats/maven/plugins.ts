/**
 * The prefix that a plugin has unless it sets one (Guide to Developing Plugins, "Shortening the Command Line"):
 * `maven-dependency-plugin` and `dependency-maven-plugin` are called as `dependency:`.
 */
export function goalPrefix(artifactId: string): string {
  if (artifactId === 'maven-plugin-plugin') return 'plugin'
  return artifactId.replaceAll(/-?maven-?/g, '').replaceAll(/-?plugin-?/g, '')
}
