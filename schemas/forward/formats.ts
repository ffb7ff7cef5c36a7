import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'
import { cefLine } from './cef.ts'
import { alertEvent } from './cloud-event.ts'
import { ecsDocument } from './ecs.ts'
import { detectionFinding } from './ocsf.ts'

/** What formats need to know beside the alert. */
export interface FormatParts {
  readonly frameworkOf: FrameworkOf
  /** Of this program. */
  readonly version: string
}

/** An alert as text, and the media type of it. */
export interface Format {
  readonly mediaType: string
  /** One line. */
  write(told: Told): string
}

export type FormatName = 'catenary' | 'ocsf' | 'cloudevents' | 'ecs' | 'cef'

const json = (mediaType: string, objectOf: (told: Told) => object): Format => ({
  mediaType,
  write: (told) => JSON.stringify(objectOf(told)),
})

/** The formats that a destination of any text can be given, by name. */
export const formatsOf = (parts: FormatParts): Readonly<Record<FormatName, Format>> => ({
  catenary: json('application/json', (told) => forwardedAlert(told, parts.frameworkOf)),
  ocsf: json('application/json', (told) => detectionFinding(told, parts)),
  cloudevents: json('application/cloudevents+json', (told) => alertEvent(told, parts.frameworkOf)),
  ecs: json('application/json', (told) => ecsDocument(told, parts.frameworkOf)),
  cef: { mediaType: 'text/plain', write: (told) => cefLine(told, parts.version) },
})
