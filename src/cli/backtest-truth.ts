import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { CatenaryError } from '../core/index.ts'
import type { Labels } from '../lab/label-figures.ts'
import { VERDICTS, type Verdict } from '../lab/verdicts.ts'
import { jsonOf } from './json-of.ts'

const LabelsFile = z.object({
  attacks: z.array(
    z.object({
      name: z.string(),
      workflowIds: z.array(z.string()),
      harm: z.string(),
      detectors: z.array(z.string()),
    }),
  ),
})

/** What `--labels` says is true of the events. Throws `CAT_INPUT`. */
export async function labelsIn(path: string): Promise<Labels> {
  try {
    return LabelsFile.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new CatenaryError(
      'CAT_INPUT',
      `${path} holds no labels; write {"attacks":[{"name","workflowIds","harm","detectors"}]} as catenary generate --labels does`,
      { cause },
    )
  }
}

const VerdictLine = z
  .object({
    alert_id: z.string().optional(),
    workflow_id: z.string().optional(),
    detector: z.string().optional(),
    verdict: z.enum(VERDICTS),
    reason: z.string().min(1).optional(),
  })
  .refine(
    (one) => one.alert_id !== undefined || (one.workflow_id !== undefined && one.detector !== undefined),
    'name the alert by alert_id, or by workflow_id and detector',
  )
  .refine((one) => one.verdict !== 'benign-true' || one.reason !== undefined, 'benign-true needs a reason')

/** What analysts said, one JSON object a line, as `--verdicts` names it. Throws `CAT_INPUT`, with the line that is wrong. */
export async function verdictsIn(path: string): Promise<readonly Verdict[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CatenaryError('CAT_INPUT', `${path} cannot be read; give a file of verdicts`, { cause })
  })
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const parsed = VerdictLine.safeParse(jsonOf(line))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
      throw new CatenaryError(
        'CAT_INPUT',
        `${path}:${i + 1} is no verdict (${where}${issue?.message ?? ''}); write {"alert_id", "verdict": "true", "false" or "benign-true", "reason"}`,
      )
    }
    const { alert_id = null, workflow_id = null, detector = null, verdict, reason = null } = parsed.data
    return [{ alertId: alert_id, workflowId: workflow_id, detector, verdict, reason }]
  })
}
