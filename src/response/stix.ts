import { createHash } from 'node:crypto'
import type { Alert, BlastRadius, ContainmentAction, Reached } from '../core/index.ts'

/** An entry of a framework, as far as STIX names it. */
export interface Technique {
  readonly framework: string
  readonly id: string
  readonly title: string
}

type StixObject = Readonly<Record<string, unknown>> & { readonly type: string; readonly id: string }

/** Ids of cyber-observable objects are made under this namespace (STIX 2.1, 2.9). */
const OBSERVABLES = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** Ids of all else: the same path gives the same bundle. */
const OURS = '4d9c2c0e-5a0b-5f5c-9d3e-2f7c0b5d6a11'
const MITRE: ReadonlySet<string> = new Set(['mitre-attack', 'mitre-atlas'])

/**
 * A path as a STIX 2.1 bundle: who acted, the techniques that were sighted, where things were sent, one note an alert, a course of
 * action for each thing to do, all of it in one grouping. Holds no content of events. Times are those of the events.
 *
 * @see https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html
 */
export function stixBundle(
  radius: BlastRadius,
  alerts: readonly Alert[],
  actions: readonly ContainmentAction[],
  techniqueOf: (id: string) => Technique | null,
): StixObject {
  const { subject } = radius
  const seed = [subject.kind, subject.tenant, subject.id].join('\u0000')
  const made = makerOf(seed, stamp(radius.lastAt))
  const agents = radius.agentIds.map((id) => made('identity', `agent ${id}`, { name: id, identity_class: 'system' }))
  const people = radius.principalIds.map((id) =>
    made('identity', `principal ${id}`, { name: id, identity_class: 'individual' }),
  )
  const observables = [
    ...radius.agentIds.map((name) => observable('software', { name })),
    ...radius.destinations.flatMap(observableOf),
  ]
  const observed = observedIn(radius, observables, made)
  const seenBy = agents.map(({ id }) => id)
  const told = [
    ...agents,
    ...people,
    ...observed,
    ...sightingsOf(radius, techniquesOf(alerts, techniqueOf, made), { observed, seenBy, made }),
    ...actions.map((action) => courseOf(action, made)),
  ]
  const about = seenBy.length > 0 ? seenBy : told.map(({ id }) => id)
  const objects = [
    ...observables,
    ...told,
    ...(about.length === 0 ? [] : alerts.map((alert) => noteOf(alert, about, made))),
  ]
  const grouping = made('grouping', 'path', {
    name: `${subject.kind} ${subject.id}`,
    context: 'suspicious-activity',
    object_refs: objects.map(({ id }) => id),
  })
  const id = `bundle--${uuid5(OURS, seed)}`
  return { type: 'bundle', id, objects: objects.length === 0 ? [] : [...objects, grouping] }
}

/** Makes an object of a type; its name within the path makes its id. */
type Maker = (type: string, name: string, fields: object) => StixObject

const makerOf =
  (seed: string, at: string): Maker =>
  (type, name, fields) => ({
    type,
    spec_version: '2.1',
    id: `${type}--${uuid5(OURS, `${seed}\u0000${type}\u0000${name}`)}`,
    created: at,
    modified: at,
    ...fields,
  })

const observedIn = (
  { firstAt, lastAt, steps }: BlastRadius,
  observables: readonly StixObject[],
  made: Maker,
): readonly StixObject[] =>
  observables.length === 0
    ? []
    : [
        made('observed-data', 'path', {
          first_observed: stamp(firstAt),
          last_observed: stamp(lastAt),
          number_observed: Math.max(1, steps),
          object_refs: observables.map(({ id }) => id),
        }),
      ]

/** The techniques of MITRE’s frameworks that the alerts name. */
const techniquesOf = (
  alerts: readonly Alert[],
  techniqueOf: (id: string) => Technique | null,
  made: Maker,
): readonly StixObject[] =>
  [...new Set(alerts.flatMap(({ frameworks }) => frameworks))].flatMap((id) => {
    const technique = techniqueOf(id)
    if (technique === null || !MITRE.has(technique.framework)) return []
    const source = { source_name: technique.framework, external_id: id }
    return [made('attack-pattern', id, { name: technique.title, external_references: [source] })]
  })

interface Seen {
  readonly observed: readonly StixObject[]
  readonly seenBy: readonly string[]
  readonly made: Maker
}

/** Each technique, and that it was sighted. */
const sightingsOf = (
  { firstAt, lastAt }: BlastRadius,
  techniques: readonly StixObject[],
  { observed, seenBy, made }: Seen,
): readonly StixObject[] =>
  techniques.flatMap((technique) => [
    technique,
    made('sighting', technique.id, {
      sighting_of_ref: technique.id,
      first_seen: stamp(firstAt),
      last_seen: stamp(lastAt),
      count: 1,
      ...(observed.length === 0 ? {} : { observed_data_refs: observed.map(({ id }) => id) }),
      ...(seenBy.length === 0 ? {} : { where_sighted_refs: seenBy }),
    }),
  ])

function courseOf({ action, target, why }: ContainmentAction, made: Maker): StixObject {
  const name = `${action} ${target.kind} ${target.id}`
  return made('course-of-action', name, { name, description: why })
}

const noteOf = ({ id, severity, detector, summary }: Alert, about: readonly string[], made: Maker): StixObject =>
  made('note', id, {
    abstract: `${severity} ${detector}`,
    content: summary,
    external_references: [{ source_name: 'catenary', external_id: id }],
    object_refs: about,
  })

const stamp = (at: number): string => new Date(at).toISOString()

const observable = (type: string, fields: Readonly<Record<string, string>>): StixObject => ({
  type,
  spec_version: '2.1',
  id: `${type}--${uuid5(OBSERVABLES, JSON.stringify(fields))}`,
  ...fields,
})

/** Destinations that STIX has an observable for. */
function observableOf({ id, type }: Reached): readonly StixObject[] {
  if (type === 'email') return [observable('email-addr', { value: id })]
  if (type === 'url') return [observable('url', { value: id })]
  if (type === 'host') return [observable('domain-name', { value: id })]
  return []
}

/** A name-based UUID. @see RFC 9562, 5.5 */
function uuid5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
