/** What answers call the languages. Apart from the grammars, because the page reads this and only the worker loads those. */
import type { LanguageName } from './languages.ts'

/** Names and endings beside each language's own name. */
const others: Readonly<Record<LanguageName, string>> = {
  bat: 'batch cmd', c: 'h', clojure: 'clj cljs edn', cmake: '', cpp: 'c++ cc cxx hpp hxx', csharp: 'c# cs', css: '', dart: '', diff: 'patch udiff',
  docker: 'dockerfile containerfile', elixir: 'ex exs', erlang: 'erl', go: 'golang', graphql: 'gql', groovy: 'gradle', haskell: 'hs', hcl: 'terraform tf tfvars',
  html: 'htm xhtml', http: '', ini: 'cfg conf properties dotenv env', java: '', javascript: 'js cjs mjs node', json: 'geojson webmanifest', jsonc: 'json5',
  jsx: '', julia: 'jl', kotlin: 'kt kts', latex: 'tex', less: '', lua: '', make: 'makefile mk', markdown: 'md mdx', nginx: '', nix: '',
  'objective-c': 'objc m', ocaml: 'ml mli', perl: 'pl pm', php: '', powershell: 'ps ps1 pwsh', proto: 'protobuf', python: 'py py3 python3 pyi', r: '',
  ruby: 'rb', rust: 'rs', scala: 'sc', scss: 'sass', shellscript: 'bash sh shell zsh console shellsession ksh', sql: 'mysql postgres postgresql sqlite psql plpgsql', svelte: '',
  swift: '', toml: '', tsx: '', typescript: 'ts cts mts', vue: '', xml: 'svg xsl xslt rss plist', yaml: 'yml', zig: '',
}

const known = new Map<string, LanguageName>()
for (const [name, more] of Object.entries(others) as [LanguageName, string][]) {
  known.set(name, name)
  for (const other of more.split(' ')) if (other !== '') known.set(other, name)
}

/** The language that the word behind a fence means, or null: it stays plain. `language-x`, `X` and `x {1,3}` are `x`. */
export function knownLanguage(label: string): LanguageName | null {
  const word = /^[^\s{,:]+/.exec(label.trim().toLowerCase().replace(/^(?:language|lang)-/, ''))?.[0]
  return word === undefined ? null : known.get(word) ?? null
}
