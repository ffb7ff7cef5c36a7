import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { type DecodeOptions, decodeEvent } from '../../../schemas/event.ts'
import { CONTENT_FIELDS, KINDS } from '../../../schemas/kinds.ts'
import { type Shape, shapeOf } from '../../../schemas/leftovers.ts'
import { CatenaryError, type DetectorCases, EVENT_KINDS } from '../../core/index.ts'
import { compile, isMistaken } from '../../sigma/compile.ts'
import { detectorOf, idOf } from '../../sigma/detector-of.ts'
import type { FieldBook } from '../../sigma/fields.ts'
import type { OwnDetector } from './own-detector.ts'
import { casesIn } from './shape.ts'

const RULES = /^[^_.].*(?<!\.cases)\.ya?ml$/
const CASES = ['.cases.yml', '.cases.yaml', '.cases.json']

/** What the contract names, for rules that are written over it. */
const BOOK: FieldBook = {
  fields: Object.fromEntries(
    EVENT_KINDS.map((kind) => [kind, new Set(leavesOf(shapeOf(KINDS[kind]), ''))] as const),
  ) as unknown as FieldBook['fields'],
  content: new Set(Object.entries(CONTENT_FIELDS).flatMap(([kind, names]) => names.map((name) => `${kind}.${name}`))),
}

function leavesOf(shape: Shape, within: string): readonly string[] {
  return [...shape].flatMap(([name, below]) =>
    below === null ? [`${within}${name}`] : leavesOf(below, `${within}${name}.`),
  )
}

/**
 * Reads the Sigma rules among some files of a folder. Throws one `CAT_CONFIG` that tells every mistake with file and line.
 */
export async function loadSigma(folder: string, names: readonly string[]): Promise<readonly OwnDetector[]> {
  const mistakes: string[] = []
  const loaded: OwnDetector[] = []
  for (const name of names.filter((one) => RULES.test(one))) {
    try {
      const stem = name.replace(/\.ya?ml$/, '')
      const cases = CASES.map((end) => `${stem}${end}`).find((one) => names.includes(one))
      loaded.push(...(await readRules(join(folder, name), cases === undefined ? null : join(folder, cases))))
    } catch (error) {
      if (!(error instanceof CatenaryError)) throw error
      mistakes.push(error.message)
    }
  }
  if (mistakes.length > 0) throw new CatenaryError('CAT_CONFIG', mistakes.join('\n'))
  return loaded
}

async function readRules(file: string, casesFile: string | null): Promise<readonly OwnDetector[]> {
  const { documents, placeOf } = await documentsIn(file)
  const compiled = compile(documents, BOOK)
  if (isMistaken(compiled))
    throw new CatenaryError(
      'CAT_CONFIG',
      compiled
        .map(
          ({ document, path, message }) =>
            `${placeOf(document, path)}: ${[...path, ''].join('.').slice(0, -1)}${path.length === 0 ? '' : ': '}${message}`,
        )
        .join('\n'),
    )
  const cases = casesFile === null ? [] : await readCases(casesFile)
  const detectors = compiled.map((one) => {
    const id = idOf(one.rule)
    if (id !== null) return { rule: one, detector: detectorOf(id, one) }
    throw new CatenaryError(
      'CAT_CONFIG',
      `${file}: "${one.rule.title}" makes no id; give the rule a name of two words, as name: many_denials`,
    )
  })
  const stranger = cases.find((one) => !detectors.some(({ detector }) => detector.id === one.detector))
  if (stranger !== undefined)
    throw new CatenaryError(
      'CAT_CONFIG',
      `${casesFile}: has cases of ${stranger.detector}; the rules of ${basename(file)} are ${detectors.map(({ detector }) => detector.id).join(', ')}`,
    )
  return detectors.map(({ detector }) => ({
    file: basename(file),
    detector,
    cases: cases.find((one) => one.detector === detector.id) ?? { detector: detector.id, attacks: [], twins: [] },
    evasions: null,
    laws: [],
    aside: () => null,
  }))
}

const OPTIONS: DecodeOptions = {
  content: { key: new TextEncoder().encode('a key for cases, not a secret'), retain: false },
}

/** Cases beside a file of rules: one `{detector, attacks, twins}` a document, in YAML or JSON. */
async function readCases(file: string): Promise<readonly DetectorCases[]> {
  const { documents } = await documentsIn(file)
  const all = documents.map(casesIn)
  const wrong = all.flatMap((one) => (Array.isArray(one) ? (one as readonly string[]) : []))
  if (wrong.length > 0) throw new CatenaryError('CAT_CONFIG', wrong.map((one) => `${file}: ${one}`).join('\n'))
  const cases = all as readonly DetectorCases[]
  for (const { name, events } of cases.flatMap(({ attacks, twins }) => [...attacks, ...twins]))
    for (const event of events) {
      const decoded = decodeEvent(event, OPTIONS)
      if (!decoded.ok)
        throw new CatenaryError(
          'CAT_CONFIG',
          `${file}: case "${name}" holds what is no event: ${decoded.path}: ${decoded.message}`,
        )
    }
  return cases
}

interface Documents {
  readonly documents: readonly unknown[]
  /** `rules/denials.yml:12` */
  placeOf(document: number, path: readonly (string | number)[]): string
}

async function documentsIn(file: string): Promise<Documents> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read`, { cause })
  })
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const documents = (Array.isArray(parsed) ? parsed : []) as readonly Document[]
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`
  const broken = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])
  if (broken.length > 0)
    throw new CatenaryError(
      'CAT_CONFIG',
      broken.map(({ pos, message }) => `${placeAt(pos[0])}: is no YAML: ${message}`).join('\n'),
    )
  if (documents.length === 0)
    throw new CatenaryError('CAT_CONFIG', `${file}: is empty; write a Sigma rule or take it out`)
  return {
    documents: documents.map((document) => plainOf(document, file)),
    placeOf: (document, path) => placeAt(offsetOf(documents[document]?.contents ?? null, path)),
  }
}

function plainOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new CatenaryError('CAT_CONFIG', `${file}: its aliases grow without bounds; write them out`, { cause })
  }
}

/** Where a path stands in the text, or the part of it that is there. */
function offsetOf(contents: unknown, path: readonly (string | number)[]): number {
  let node = contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
      if (pair === undefined) return offset
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = (node.items[Number(part)] ?? null) as Node | null
      offset = node?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}
