import type { Operation } from '../core/index.ts'

/** What a change does to the account's safety, in words that detectors may read in `attributes.aws.effect`. */
export type Effect = 'authority' | 'sharing' | 'exposure' | 'blinding' | 'takeover' | 'login'

const names = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Calls by what they do; names without the version that Lambda adds. */
const EFFECTS: Readonly<Record<Effect, readonly string[]>> = {
  authority: names(`
    CreateUser CreateRole CreateLoginProfile UpdateLoginProfile ChangePassword UpdateAssumeRolePolicy AttachUserPolicy AttachRolePolicy
    AttachGroupPolicy PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion SetDefaultPolicyVersion
    AddUserToGroup AddRoleToInstanceProfile AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation
    CreateServiceSpecificCredential ResetServiceSpecificCredential UploadSSHPublicKey UploadSigningCertificate
    CreateSAMLProvider UpdateSAMLProvider CreateOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint
    AddClientIDToOpenIDConnectProvider CreateTrustAnchor UpdateTrustAnchor CreateProfile EnableTrustAnchor
    DeactivateMFADevice DeleteVirtualMFADevice CreateVirtualMFADevice EnableMFADevice DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary
    PutUserPermissionsBoundary PutRolePermissionsBoundary UpdateAccountPasswordPolicy DeleteAccountPasswordPolicy
    DeleteUserPolicy DeleteRolePolicy DetachUserPolicy DetachRolePolicy CreateAccountAssignment CreatePermissionSet PutInlinePolicyToPermissionSet
    AttachManagedPolicyToPermissionSet CreateGroupMembership CreateAccessEntry AssociateAccessPolicy CreateKeyPair ImportKeyPair
    RegisterDelegatedAdministrator EnableAWSServiceAccess AdminCreateUser AdminSetUserPassword CreateApiKey PasswordUpdated PasswordRecoveryCompleted EmailUpdated
    ResetUserPassword CreateFoundationModelAgreement PutFoundationModelEntitlement
  `),
  sharing: names(`
    ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute
    ModifyFpgaImageAttribute AddPermission AddLayerVersionPermission PutBucketPolicy PutBucketAcl PutObjectAcl PutKeyPolicy CreateGrant
    PutResourcePolicy SetRepositoryPolicy PutRepositoryPolicy SetQueueAttributes SetTopicAttributes CreateResourceShare
    AssociateResourceShare CreateVpcPeeringConnection AcceptVpcPeeringConnection PutBucketReplication
    UpdateProjectVisibility PutAccessPointPolicy PutImagePolicy PutComponentPolicy PutVaultPolicy SetVaultAccessPolicy ShareDirectory
    CreateFunctionUrlConfig UpdateFunctionUrlConfig ModifyVpcEndpointServicePermissions PutResourcePolicies
    AuthorizeSnapshotAccess AuthorizeEndpointAccess PutDestinationPolicy PutSubscriptionFilter CreateTrafficMirrorSession
    TransferDomainToAnotherAwsAccount PutTargets
  `),
  exposure: names(`
    AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress ModifySecurityGroupRules DeleteBucketPublicAccessBlock
    PutBucketPublicAccessBlock DeletePublicAccessBlock PutPublicAccessBlock PutAccountPublicAccessBlock
    DisableEbsEncryptionByDefault DisassociateWebACL DeleteBucketEncryption EnableSerialConsoleAccess DisableImageBlockPublicAccess
    DisableSnapshotBlockPublicAccess CreateNetworkAclEntry ReplaceNetworkAclEntry
  `),
  blinding: names(`
    StopLogging DeleteTrail UpdateTrail PutEventSelectors DeleteEventDataStore StopEventDataStoreIngestion
    DeleteFlowLogs DeleteResolverQueryLogConfig DisassociateResolverQueryLogConfig DeleteLogGroup DeleteLogStream
    DeleteRetentionPolicy PutRetentionPolicy DeleteDetector UpdateDetector CreateIPSet StopMonitoringMembers DisassociateMembers
    DisassociateFromMasterAccount DisassociateFromAdministratorAccount DeletePublishingDestination CreateFilter
    DeleteConfigurationRecorder StopConfigurationRecorder DeleteDeliveryChannel DeleteConfigRule DisableSecurityHub
    DisableMacie UpdateMacieSession DeleteAlarms DisableAlarmActions DeleteModelInvocationLoggingConfiguration
    DeleteInsight StopActivityStream LeaveOrganization RemoveAccountFromOrganization DeleteRule DisableRule PutBucketLogging
    DeleteLoggingConfiguration DisablePolicyType
  `),
  takeover: names(`
    SendCommand StartSession ResumeSession SendSSHPublicKey SendSerialConsoleSSHPublicKey ModifyInstanceAttribute UpdateFunctionCode
    UpdateFunctionConfiguration CreateAssociation StartAutomationExecution ExecuteCommand CreateDevEndpoint
    UpdateDevEndpoint CreatePresignedNotebookInstanceUrl CreatePresignedDomainUrl ResetImageAttribute
    CreateNotebookInstanceLifecycleConfig UpdateNotebookInstanceLifecycleConfig
  `),
  login: names(
    'ConsoleLogin SwitchRole ExitRole UserAuthentication CheckMfa Authenticate Federate GetSigninToken CreateToken',
  ),
}

const EFFECT_OF: ReadonlyMap<string, Effect> = new Map(
  (Object.keys(EFFECTS) as Effect[]).flatMap((effect) => EFFECTS[effect].map((name) => [name, effect] as const)),
)

/** The effect of a call, or null for one that has none of its own. */
export const effectOf = (eventName: string): Effect | null => EFFECT_OF.get(eventName) ?? null

/** The first word of a call's name, and the operation it stands for. */
const VERBS: Readonly<Record<string, Operation>> = Object.fromEntries(
  (
    [
      [
        'read',
        'Get Describe Head BatchGet BatchDescribe Download View Check Detect Preview Estimate Simulate Validate Test Verify Decode Retrieve Read Discover',
      ],
      ['list', 'List'],
      ['search', 'Search Query Scan Filter Lookup Select Find'],
      [
        'create',
        'Create Add Register Allocate Copy Import Upload Restore Clone Request Generate Issue Run Provision Put Initiate',
      ],
      [
        'update',
        'Update Modify Set Change Replace Reset Enable Disable Tag Untag Attach Detach Associate Disassociate Authorize Revoke Rotate Accept Reject Move Merge Resize Increase Decrease Apply',
      ],
      ['delete', 'Delete Remove Terminate Deregister Purge Destroy Cancel Release Unsubscribe Abort'],
      ['send', 'Send Publish Post Notify'],
      [
        'execute',
        'Start Stop Invoke Execute Reboot Assume Decrypt Encrypt Sign Resume Suspend Converse Federate Console Authenticate Submit Failover',
      ],
    ] as const
  ).flatMap(([operation, verbs]) => names(verbs).map((verb) => [verb, operation])),
)

/** Calls whose verb says something else than what they do. */
const EXCEPTIONS: ReadonlyMap<string, Operation> = new Map([
  ['SendCommand', 'execute'],
  ['SendSSHPublicKey', 'execute'],
  ['SendSerialConsoleSSHPublicKey', 'execute'],
  ['SendHeartbeat', 'update'],
  ['TerminateSession', 'update'],
  ['ScheduleKeyDeletion', 'delete'],
  ['CheckMfa', 'execute'],
  ['GetFederationToken', 'execute'],
  ['PutBucketLifecycle', 'update'],
])

/** What a call does, by its effect, its verb and CloudTrail's own `readOnly`. */
export function operationOf(eventName: string, readOnly: unknown): Operation {
  const effect = effectOf(eventName)
  if (effect !== null && effect !== 'takeover' && effect !== 'login') return 'admin'
  const exception = EXCEPTIONS.get(eventName)
  if (exception !== undefined) return exception
  if (/^(?:Assume|Invoke|Converse)/.test(eventName)) return 'execute'
  const words = eventName.match(/^(Batch|Admin)?([A-Z][a-z]+)/)
  const operation = (Object.hasOwn(VERBS, words?.[2] ?? '') ? VERBS[words?.[2] ?? ''] : undefined) ?? null
  if (readOnly === true) return operation === 'list' || operation === 'search' ? operation : 'read'
  return operation ?? 'execute'
}

/** A parameter that names the resource a call is about, its type, and how an ARN of it is made. */
export interface ResourceParameter {
  readonly name: string
  readonly type: string
  /** `{}` stands for the name; `account`, `region`, `partition` are put in. Left out: the bare name is the id. */
  readonly arn?: string
}

/** In the order in which they are looked for. */
export const RESOURCE_PARAMETERS: readonly ResourceParameter[] = [
  { name: 'secretId', type: 'secret', arn: 'arn:partition:secretsmanager:region:account:secret:{}' },
  { name: 'functionName', type: 'function', arn: 'arn:partition:lambda:region:account:function:{}' },
  { name: 'layerName', type: 'layer', arn: 'arn:partition:lambda:region:account:layer:{}' },
  { name: 'bucketName', type: 'bucket', arn: 'arn:partition:s3:::{}' },
  { name: 'userName', type: 'user', arn: 'arn:partition:iam::account:user/{}' },
  { name: 'roleName', type: 'role', arn: 'arn:partition:iam::account:role/{}' },
  { name: 'groupName', type: 'group' },
  { name: 'roleArn', type: 'role' },
  { name: 'instanceId', type: 'instance', arn: 'arn:partition:ec2:region:account:instance/{}' },
  { name: 'target', type: 'instance', arn: 'arn:partition:ec2:region:account:instance/{}' },
  { name: 'snapshotId', type: 'snapshot', arn: 'arn:partition:ec2:region::snapshot/{}' },
  { name: 'imageId', type: 'image', arn: 'arn:partition:ec2:region::image/{}' },
  { name: 'volumeId', type: 'volume', arn: 'arn:partition:ec2:region:account:volume/{}' },
  { name: 'groupId', type: 'security-group', arn: 'arn:partition:ec2:region:account:security-group/{}' },
  { name: 'dBSnapshotIdentifier', type: 'db-snapshot', arn: 'arn:partition:rds:region:account:snapshot:{}' },
  {
    name: 'dBClusterSnapshotIdentifier',
    type: 'db-snapshot',
    arn: 'arn:partition:rds:region:account:cluster-snapshot:{}',
  },
  { name: 'dBInstanceIdentifier', type: 'database', arn: 'arn:partition:rds:region:account:db:{}' },
  { name: 'dBClusterIdentifier', type: 'database', arn: 'arn:partition:rds:region:account:cluster:{}' },
  { name: 'tableName', type: 'table', arn: 'arn:partition:dynamodb:region:account:table/{}' },
  { name: 'queueUrl', type: 'queue' },
  { name: 'topicArn', type: 'topic' },
  { name: 'repositoryName', type: 'repository', arn: 'arn:partition:ecr:region:account:repository/{}' },
  { name: 'keyId', type: 'key', arn: 'arn:partition:kms:region:account:key/{}' },
  { name: 'modelId', type: 'model' },
  { name: 'trailName', type: 'trail', arn: 'arn:partition:cloudtrail:region:account:trail/{}' },
  { name: 'logGroupName', type: 'log-group', arn: 'arn:partition:logs:region:account:log-group:{}' },
  { name: 'stackName', type: 'stack' },
  { name: 'clusterName', type: 'cluster' },
  { name: 'policyArn', type: 'policy' },
  { name: 'policyName', type: 'policy' },
  { name: 'documentName', type: 'document' },
]
