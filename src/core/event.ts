import type { AuthorizationDetail } from './authorization-detail.ts'

/** Milliseconds since the epoch, as the producer stamped them. Never the wall clock of this process. */
export type Millis = number

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type Outcome = 'attempted' | 'success' | 'failure' | 'denied'

export const EVENT_KINDS = [
  'workflow',
  'message',
  'tool_call',
  'credential',
  'oauth',
  'handoff',
  'approval',
  'decision',
  'heartbeat',
  'containment',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

export type Sensitivity = 'public' | 'internal' | 'confidential' | 'restricted'

export type Operation = 'read' | 'list' | 'search' | 'create' | 'update' | 'delete' | 'send' | 'execute' | 'admin'

/**
 * What is kept of a content field (`request`, `content`, `arguments`, `result`, `context`): keyed fingerprints and
 * derived facts, never the words. All fingerprints of one installation are HMACs under one key, so equal values match.
 */
export interface ContentFacts {
  /** Fingerprint of the whole content, white space and case folded. */
  readonly fingerprint: string
  /** Size of the content in bytes, UTF-8. */
  readonly bytes: number
  /** Fingerprints of salient values (addresses, URLs, account numbers, amounts, names …), bounded. */
  readonly values: readonly string[]
  /** For `arguments`: the fingerprints of each top-level leaf, by its name; a leaf may hold several values, and its first and last words are one. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Of `values`, those that stand inside text that tells its reader to act: instruction-shaped (signal `instruction`) or a bare order (`order`). */
  readonly instructed?: readonly string[]
  /** Of `instructed`, those that stand outside that text too: data that anybody may have read. */
  readonly repeated?: readonly string[]
  /** Fingerprints of the runs of five words in text that tells its reader to act, bounded. */
  readonly wording?: readonly string[]
  /** Of the words and short runs of words in such orders, those that stand nowhere else in the content, bounded. */
  readonly terms?: readonly string[]
  /** Of a `request`: its single words. */
  readonly words?: readonly string[]
  /**
   * What is spoken of, as runs of fingerprints cut to eight digits, of words without endings and of values. Of a `result` a run for
   * each sentence of its prose, `!` before one that asks for something; of `arguments` one for each leaf, `=` before a text of more than
   * three words, and `~` before one for all of them; one for all that a user says. Bounded.
   */
  readonly sentences?: readonly string[]
  /** Such a run of what is done or asked for: of `arguments` the words of the tool's name, of what a user says those that stand where a deed does. */
  readonly deed?: string
  /**
   * Facts about the content in words that hold no content. Of results: `instruction`, what made it one (`override`,
   * `impersonation`, `markup`, `addresses-agent`, …) or `order`, and the acts it orders (`orders-message`). Of what a user says: the
   * acts asked for (`wants-pay`), `asks-else` where it is another, `defers` where others or a document are to be heeded, `heeds` where
   * in all they ask for, `only-looks` where to be told is all.
   */
  readonly signals: readonly string[]
  /** The content itself; present only when the operator switched retention on. */
  readonly retained?: Json
}

export interface Actor {
  readonly type: 'user' | 'service' | 'agent'
  readonly id: string
  readonly name?: string | undefined
}

export interface Attestation {
  readonly type: 'spiffe-x509' | 'spiffe-jwt' | 'oidc' | 'mtls' | 'cloud-iam' | 'shared-secret' | 'none'
  readonly verified?: boolean | undefined
  readonly issuer?: string | undefined
  readonly expires_at?: string | undefined
}

export interface Agent {
  readonly id: string
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly provider?: string | undefined
  readonly model?: string | undefined
  /** A SPIFFE id or OIDC subject. */
  readonly workload_id?: string | undefined
  readonly attestation?: Attestation | undefined
  readonly host?: string | undefined
  readonly ip?: string | undefined
}

export interface DelegationHop {
  readonly type: string
  readonly id: string
  readonly via?: 'start' | 'consent' | 'token_exchange' | 'handoff' | 'assume_role' | 'spawn' | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly at?: string | undefined
}

export interface Resource {
  readonly id?: string | undefined
  readonly type?: string | undefined
  readonly zone?: string | undefined
  readonly sensitivity?: Sensitivity | undefined
  readonly owner?: string | undefined
}

export interface Destination {
  readonly id?: string | undefined
  readonly type?: 'email' | 'url' | 'host' | 'account' | 'channel' | undefined
  readonly external?: boolean | undefined
}

export interface Client {
  readonly ip?: string | undefined
  readonly user_agent?: string | undefined
  readonly host?: string | undefined
  readonly asn?: string | number | undefined
}

export interface WorkflowBody {
  readonly action: 'start' | 'complete' | 'fail' | 'cancel'
  readonly task?: string | undefined
  readonly trigger?: 'human' | 'schedule' | 'event' | 'agent' | undefined
  readonly requested_by?: string | undefined
  readonly request?: ContentFacts | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly tools?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly expires_at?: string | undefined
  readonly parent_workflow_id?: string | undefined
}

export interface MessageBody {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content?: ContentFacts | undefined
}

export interface ToolCallBody {
  readonly name: string
  readonly call_id?: string | undefined
  readonly server?: string | undefined
  readonly operation?: Operation | undefined
  readonly resource?: Resource | undefined
  readonly destination?: Destination | undefined
  readonly credential_id?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly annotations?:
    | {
        readonly readOnlyHint?: boolean | undefined
        readonly destructiveHint?: boolean | undefined
        readonly idempotentHint?: boolean | undefined
        readonly openWorldHint?: boolean | undefined
      }
    | undefined
  readonly arguments?: ContentFacts | undefined
  readonly result?: ContentFacts | undefined
  readonly duration_ms?: number | undefined
}

export type CredentialType =
  | 'api_key'
  | 'access_token'
  | 'refresh_token'
  | 'jwt'
  | 'session_token'
  | 'service_account_key'
  | 'role_session'
  | 'certificate'
  | 'password'
  | 'ssh_key'
  | 'secret'

export type CredentialAction =
  | 'issue'
  | 'use'
  | 'read'
  | 'refresh'
  | 'exchange'
  | 'assume_role'
  | 'rotate'
  | 'revoke'
  | 'expire'
  | 'deny'

export interface CredentialBody {
  readonly id: string
  readonly type?: CredentialType | undefined
  readonly action?: CredentialAction | undefined
  /** The credential this one was derived from. */
  readonly parent_id?: string | undefined
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
  readonly audience?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly issued_at?: string | undefined
  readonly expires_at?: string | undefined
  readonly bound_to?: string | undefined
  readonly shared?: boolean | undefined
  readonly resource?: Resource | undefined
  readonly client?: Client | undefined
}

export interface OauthBody {
  readonly action:
    | 'consent'
    | 'grant'
    | 'token_issue'
    | 'token_refresh'
    | 'token_exchange'
    | 'token_use'
    | 'scope_change'
    | 'revoke'
    | 'app_register'
    | 'app_update'
  readonly client_id: string
  readonly app_name?: string | undefined
  readonly publisher?: string | undefined
  readonly publisher_verified?: boolean | undefined
  readonly first_party?: boolean | undefined
  readonly grant_id?: string | undefined
  readonly credential_id?: string | undefined
  readonly parent_credential_id?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly previous_scopes?: readonly string[] | undefined
  readonly previous_authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly consent_type?: 'user' | 'admin' | 'policy' | undefined
  readonly user?: string | undefined
  readonly resource_server?: string | undefined
  readonly audience?: readonly string[] | undefined
  readonly redirect_uris?: readonly string[] | undefined
  readonly offline?: boolean | undefined
  readonly client?: Client | undefined
}

export interface HandoffBody {
  readonly to_agent?:
    | { readonly id: string; readonly name?: string | undefined; readonly workload_id?: string | undefined }
    | undefined
  readonly to_workflow_id?: string | undefined
  readonly mode?: 'delegate' | 'transfer' | 'spawn' | 'message' | undefined
  readonly scopes?: readonly string[] | undefined
  readonly authorization_details?: readonly AuthorizationDetail[] | undefined
  readonly tools?: readonly string[] | undefined
  readonly credential_id?: string | undefined
  readonly context?: ContentFacts | undefined
  readonly protocol?: 'a2a' | 'mcp' | 'native' | undefined
}

export interface ApprovalBody {
  readonly action: 'request' | 'approve' | 'reject' | 'expire'
  readonly approval_id?: string | undefined
  readonly approver?: { readonly type?: string | undefined; readonly id: string } | undefined
  readonly covers?:
    | {
        readonly tools?: readonly string[] | undefined
        readonly scopes?: readonly string[] | undefined
        readonly authorization_details?: readonly AuthorizationDetail[] | undefined
        readonly resources?: readonly string[] | undefined
        readonly step_ids?: readonly string[] | undefined
        readonly max_uses?: number | undefined
      }
    | undefined
  readonly expires_at?: string | undefined
  readonly reason?: string | undefined
}

export interface DecisionBody {
  readonly effect: 'allow' | 'deny' | 'require_approval'
  readonly engine?: string | undefined
  readonly policy_id?: string | undefined
  readonly policy_version?: string | undefined
  readonly for_step_id?: string | undefined
  readonly reason?: string | undefined
  readonly context?: Json | undefined
}

export interface HeartbeatBody {
  readonly interval_s?: number | undefined
}

/** What a responder ordered: to contain an agent, a credential or a grant, or to let it work again. */
export interface ContainmentBody {
  readonly action: 'contain' | 'release'
  readonly target: { readonly kind: 'agent' | 'credential' | 'grant'; readonly id: string }
  readonly reason?: string | undefined
}

interface Envelope {
  readonly id: string
  /** RFC 3339 with offset, as the producer wrote it. */
  readonly time: string
  /** `time` in milliseconds since the epoch, whole. */
  readonly at: Millis
  /** The part of `time` below a millisecond, in nanoseconds: 0 to 999,999. */
  readonly ns: number
  readonly tenant: string
  readonly source: string
  readonly workflow_id?: string | undefined
  readonly session_id?: string | undefined
  readonly step_id?: string | undefined
  readonly parent_step_id?: string | undefined
  readonly agent?: Agent | undefined
  readonly principal?: Actor | undefined
  readonly delegation?: readonly DelegationHop[] | undefined
  readonly outcome: Outcome
  readonly error?: string | undefined
  /** Everything the contract does not name, kept. */
  readonly attributes: Readonly<Record<string, Json>>
}

export type WorkflowEvent = Envelope & { readonly kind: 'workflow'; readonly workflow: WorkflowBody }
export type MessageEvent = Envelope & { readonly kind: 'message'; readonly message: MessageBody }
export type ToolCallEvent = Envelope & { readonly kind: 'tool_call'; readonly tool_call: ToolCallBody }
export type CredentialEvent = Envelope & { readonly kind: 'credential'; readonly credential: CredentialBody }
export type OauthEvent = Envelope & { readonly kind: 'oauth'; readonly oauth: OauthBody }
export type HandoffEvent = Envelope & { readonly kind: 'handoff'; readonly handoff: HandoffBody }
export type ApprovalEvent = Envelope & { readonly kind: 'approval'; readonly approval: ApprovalBody }
export type DecisionEvent = Envelope & { readonly kind: 'decision'; readonly decision: DecisionBody }
export type ContainmentEvent = Envelope & { readonly kind: 'containment'; readonly containment: ContainmentBody }
export type HeartbeatEvent = Envelope & { readonly kind: 'heartbeat'; readonly heartbeat?: HeartbeatBody | undefined }

/** One fact about one agent, validated and immutable: the event contract, with content already turned into facts. */
export type AgentEvent =
  | WorkflowEvent
  | MessageEvent
  | ToolCallEvent
  | CredentialEvent
  | OauthEvent
  | HandoffEvent
  | ApprovalEvent
  | DecisionEvent
  | HeartbeatEvent
  | ContainmentEvent

/** The id of the event that brought the result, where a call and its result came as two and are one step; else null. */
export function resultEventIdOf({ attributes }: AgentEvent): string | null {
  const id = attributes['result_event_id']
  return typeof id === 'string' ? id : null
}
