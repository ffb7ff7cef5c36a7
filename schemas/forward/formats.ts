import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'

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

/** The formats that any text destination can be given, by name. */
export const formatsOf = ({ frameworkOf }: FormatParts) =>
  ({
    catenary: {
      mediaType: 'application/json',
      write: (told) => JSON.stringify(forwardedAlert(told, frameworkOf)),
    },
  }) satisfies Readonly<Record<string, Format>>

export type FormatName = keyof ReturnType<typeof formatsOf>
