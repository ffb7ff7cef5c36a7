import { SourceMap } from 'node:module'
import { basename, dirname, extname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildFailure, build, type Message, type Plugin, stop } from 'esbuild'
import { CatenaryError } from '../../core/index.ts'
import { type Impurity, impuritiesOf } from './metered.ts'

/** The one package a detector may import. */
export const KIT = 'catenary/detector'

/** The kit's own source: beside this file's folder, compiled or not, as this file is. */
const KIT_FILE = fileURLToPath(new URL(`../../detector-kit${extname(import.meta.url)}`, import.meta.url))

/**
 * One script out of a file and what it imports from its folder: types dropped, imports of the kit left as `require`. TypeScript
 * and JavaScript alike. Throws `CAT_CONFIG` with file, line and what to do, for code that does not parse, for an import of
 * anything else, and for code that is seen to be no pure function.
 */
export async function bundleOf(file: string): Promise<string> {
  const { code, map } = await built(resolve(file), [onlyTheKit(dirname(resolve(file)))])
  const [first, ...more] = impuritiesOf(code)
  if (first !== undefined) {
    const told = [first, ...more].map((one) => `${placeOf(one, map, file)}: uses ${one.what}: ${one.instead}`)
    throw new CatenaryError(
      'CAT_CONFIG',
      `a detector must be a pure function\n${told.map((one) => `  ${one}\n`).join('')}`,
    )
  }
  return code
}

/** The kit as one script. */
export const bundleOfKit = async (): Promise<string> => (await built(KIT_FILE, [], { globalThis: '__world' })).code

/** Lets the compiler's process go. */
export const endBundling = (): Promise<void> => stop()

async function built(
  file: string,
  plugins: Plugin[],
  define: Record<string, string> = {},
): Promise<{ readonly code: string; readonly map: string }> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2023',
      charset: 'utf8',
      sourcemap: 'external',
      outfile: resolve(dirname(file), 'bundle.js'),
      // A tsconfig.json beside the detectors is for their author's editor.
      tsconfigRaw: {},
      logLevel: 'silent',
      plugins,
      define,
    })
    const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ''
    return { code: textOf('.js'), map: textOf('.map') }
  } catch (cause) {
    const errors = (cause as Partial<BuildFailure>).errors
    if (errors === undefined) throw cause
    throw new CatenaryError('CAT_CONFIG', errors.map((error) => toldOf(error, file)).join('\n'), { cause })
  }
}

function onlyTheKit(folder: string): Plugin {
  const isInside = (path: string): boolean => !/^\.\.(?:[\\/]|$)/.test(relative(folder, path))
  return {
    name: 'only-the-kit',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path, importer, resolveDir, kind }) => {
        if (kind === 'entry-point') return null
        if (path === KIT) return { path, external: true }
        if (path.startsWith('.') && isInside(resolve(resolveDir, path))) return null
        const from = basename(importer)
        return {
          errors: [{ text: `${from} imports ${path}; a detector may import ${KIT} and files of its own folder` }],
        }
      })
    },
  }
}

function toldOf({ text, location }: Message, file: string): string {
  const line = location === null ? '' : `:${location.line}:${location.column + 1}`
  return `${basename(location?.file ?? file)}${line}: ${text}`
}

/** `exports.ts:12` as its author sees it. */
function placeOf({ line, column }: Impurity, map: string, file: string): string {
  const entry = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]).findEntry(line - 1, column)
  return 'originalLine' in entry ? `${basename(entry.originalSource)}:${entry.originalLine + 1}` : `${basename(file)}`
}
