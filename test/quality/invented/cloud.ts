/** CloudTrail records of one chain, and whether it is an attack. Written after the API, not after any recording. */
export interface CloudStory {
  readonly name: string
  readonly truth: 'attack' | 'benign'
  readonly records: readonly unknown[]
  /** Why it is not seen, where it is known not to be. */
  readonly misses?: string
}

const START = Date.parse('2026-02-03T10:00:00Z')
const ACCOUNT = '111122223333'

interface More {
  readonly second?: number
  readonly error?: string
  readonly response?: unknown
  readonly by?: unknown
  readonly readOnly?: boolean
  readonly resources?: unknown
  readonly extra?: Readonly<Record<string, unknown>>
}

const session = (role: string, key: string, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE:${role}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/s1`,
  accountId: ACCOUNT,
  accessKeyId: key,
  sessionContext: {
    sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/${role}`, userName: role, accountId: ACCOUNT },
    attributes: { creationDate: '2026-02-03T09:50:00Z', mfaAuthenticated: 'false' },
    ...more,
  },
})

const OPERATOR = session('operator', 'ASIAOPERATOR0000001')
const INSTANCE = session('web-server', 'ASIAINSTANCE0000001', { ec2RoleDelivery: '2.0' })

let count = 0
const record = (source: string, name: string, request: unknown, more: More = {}): unknown => {
  count += 1
  return {
    eventVersion: '1.09',
    eventID: `e-${count}`,
    eventTime: new Date(START + (more.second ?? 0) * 1_000).toISOString().replace('.000Z', 'Z'),
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-sdk-go-v2/1.30',
    userIdentity: more.by ?? OPERATOR,
    requestParameters: request,
    responseElements: more.response ?? null,
    readOnly: more.readOnly ?? /^(?:Get|List|Describe|Head)/.test(name),
    eventType: 'AwsApiCall',
    recipientAccountId: ACCOUNT,
    ...(more.error === undefined ? {} : { errorCode: more.error }),
    ...(more.resources === undefined ? {} : { resources: more.resources }),
    ...more.extra,
  }
}

const many = (n: number, one: (i: number) => unknown): readonly unknown[] => Array.from({ length: n }, (_, i) => one(i))
const attack = (name: string, ...records: readonly unknown[]): CloudStory => ({ name, truth: 'attack', records })
const unseen = (name: string, misses: string, ...records: readonly unknown[]): CloudStory => ({
  ...attack(name, ...records),
  misses,
})
const benign = (name: string, ...records: readonly unknown[]): CloudStory => ({ name, truth: 'benign', records })

const expireIn = (days: number): unknown => ({
  lifecycle: '',
  LifecycleConfiguration: {
    Rule: { Status: 'Enabled', Expiration: { Days: days }, ID: 'expire', Filter: { Prefix: '' } },
  },
})

export const cloudStories: readonly CloudStory[] = [
  attack(
    'the logs expire after a day',
    record('s3', 'PutBucketLifecycle', { bucketName: 'acme-cloudtrail-logs', ...(expireIn(1) as object) }),
  ),
  benign(
    'build artefacts expire after a month',
    record('s3', 'PutBucketLifecycle', { bucketName: 'acme-build-cache', ...(expireIn(30) as object) }),
  ),
  benign(
    'the logs expire after a year',
    record('s3', 'PutBucketLifecycle', { bucketName: 'acme-cloudtrail-logs', ...(expireIn(365) as object) }),
  ),
  attack(
    'a bucket is opened to another account',
    record('s3', 'PutBucketPolicy', {
      bucketName: 'acme-customers',
      bucketPolicy: {
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999988887777:root' }, Action: ['s3:GetObject'] },
        ],
      },
    }),
  ),
  benign(
    'a bucket is opened to a service of the account',
    record('s3', 'PutBucketPolicy', {
      bucketName: 'acme-logs',
      bucketPolicy: {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: 's3:PutObject' }],
      },
    }),
  ),
  attack(
    'a notebook runs another script when it starts',
    record('sagemaker', 'StopNotebookInstance', { notebookInstanceName: 'research' }),
    record(
      'sagemaker',
      'UpdateNotebookInstanceLifecycleConfig',
      { notebookInstanceLifecycleConfigName: 'research-start', onStart: [{ content: 'aGk=' }] },
      { second: 30 },
    ),
    record('sagemaker', 'StartNotebookInstance', { notebookInstanceName: 'research' }, { second: 60 }),
  ),
  benign(
    'a notebook is stopped and started',
    record('sagemaker', 'StopNotebookInstance', { notebookInstanceName: 'research' }),
    record('sagemaker', 'StartNotebookInstance', { notebookInstanceName: 'research' }, { second: 600 }),
  ),
  unseen(
    'the role of an instance looks round the account',
    'looking round is what every tool does first; alone it is no harm',
    ...[
      ['sts', 'GetCallerIdentity'],
      ['s3', 'ListBuckets'],
      ['iam', 'GetAccountSummary'],
      ['iam', 'ListRoles'],
      ['iam', 'ListUsers'],
      ['iam', 'GetAccountAuthorizationDetails'],
      ['ec2', 'DescribeSnapshots'],
      ['cloudtrail', 'DescribeTrails'],
      ['guardduty', 'ListDetectors'],
    ].map(([source = '', name = ''], i) => record(source, name, null, { second: i, by: INSTANCE })),
  ),
  benign(
    'the role of an instance does its work',
    ...many(20, (i) =>
      record('s3', 'GetObject', { bucketName: 'acme-web', key: `img/${i}.png` }, { second: i, by: INSTANCE }),
    ),
    record('sts', 'GetCallerIdentity', null, { second: 30, by: INSTANCE }),
    record('ec2', 'DescribeInstances', { filterSet: {} }, { second: 31, by: INSTANCE }),
  ),
  unseen(
    'all objects of a bucket are deleted one by one',
    'no detector judges destruction',
    record('s3', 'ListObjectVersions', { bucketName: 'acme-customers' }),
    ...many(60, (i) =>
      record('s3', 'DeleteObject', { bucketName: 'acme-customers', key: `c/${i}.json` }, { second: 1 + i / 20 }),
    ),
    record('s3', 'PutObject', { bucketName: 'acme-customers', key: 'HOW-TO-GET-FILES-BACK.txt' }, { second: 9 }),
  ),
  unseen(
    'all objects of a bucket are deleted in batches',
    'no detector judges destruction',
    record('s3', 'ListObjectVersions', { bucketName: 'acme-customers' }),
    ...many(8, (i) => record('s3', 'DeleteObjects', { bucketName: 'acme-customers', delete: '' }, { second: 1 + i })),
    record('s3', 'PutObject', { bucketName: 'acme-customers', key: 'HOW-TO-GET-FILES-BACK.txt' }, { second: 12 }),
  ),
  unseen(
    'objects are written again under a key of the caller',
    'no detector judges destruction',
    record('s3', 'ListObjectsV2', { bucketName: 'acme-customers' }),
    ...many(12, (i) =>
      record(
        's3',
        'CopyObject',
        {
          bucketName: 'acme-customers',
          key: `c/${i}.json`,
          'x-amz-server-side-encryption-customer-algorithm': 'AES256',
          'x-amz-copy-source': `acme-customers/c/${i}.json`,
        },
        { second: 1 + i / 5 },
      ),
    ),
  ),
  benign(
    'old objects are deleted, some at a time',
    ...many(5, (i) => record('s3', 'DeleteObject', { bucketName: 'acme-tmp', key: `t/${i}` }, { second: i * 40 })),
  ),
  benign(
    'objects are copied',
    ...many(12, (i) =>
      record(
        's3',
        'CopyObject',
        {
          bucketName: 'acme-archive',
          key: `c/${i}.json`,
          'x-amz-copy-source': `acme-customers/c/${i}.json`,
        },
        { second: i },
      ),
    ),
  ),
  attack(
    'a sweep over the passwords of all machines, all refused',
    ...many(25, (i) =>
      record(
        'ec2',
        'GetPasswordData',
        { instanceId: `i-0${i}` },
        { second: i / 5, error: 'Client.UnauthorizedOperation' },
      ),
    ),
  ),
  benign(
    'a job that may not read its secret tries again',
    ...many(25, (i) =>
      record('secretsmanager', 'GetSecretValue', { secretId: 'app/db' }, { second: i * 10, error: 'AccessDenied' }),
    ),
  ),
  attack(
    'models are bought and used',
    record('bedrock', 'CreateFoundationModelAgreement', { modelId: 'vendor.large-v1' }),
    record('bedrock', 'PutFoundationModelEntitlement', { modelId: 'vendor.large-v1' }, { second: 2 }),
    record('bedrock', 'InvokeModel', { modelId: 'vendor.large-v1' }, { second: 60 }),
  ),
  benign(
    'a model is used',
    ...many(6, (i) => record('bedrock', 'InvokeModel', { modelId: 'vendor.large-v1' }, { second: i * 7 })),
  ),
  attack(
    'the organization’s guard rails are taken off',
    record('organizations', 'DetachPolicy', { policyId: 'p-example1', targetId: ACCOUNT }),
  ),
  attack(
    'a service is trusted with the organization',
    record('organizations', 'DisablePolicyType', { rootId: 'r-1', policyType: 'SERVICE_CONTROL_POLICY' }),
  ),
  unseen(
    'findings are suppressed',
    'a filter is everyday work, and what it hides is not in the record',
    record('guardduty', 'CreateFilter', { detectorId: 'd1', name: 'x', action: 'ARCHIVE' }),
  ),
  attack('the threat detector is deleted', record('guardduty', 'DeleteDetector', { detectorId: 'd1' })),
  attack(
    'the log of a load balancer’s firewall is off',
    record('wafv2', 'DeleteLoggingConfiguration', { resourceArn: 'arn:aws:wafv2:x' }),
  ),
  attack(
    'the key of the data is to be deleted',
    record('kms', 'ScheduleKeyDeletion', { keyId: 'k-1', pendingWindowInDays: 7 }),
  ),
  attack(
    'a user gets a key that stays',
    record(
      'iam',
      'CreateAccessKey',
      { userName: 'svc-old' },
      {
        response: { accessKey: { accessKeyId: 'AKIANEWKEY000000001', userName: 'svc-old', status: 'Active' } },
      },
    ),
  ),
  attack(
    'a function can be called by anyone',
    record('lambda', 'CreateFunctionUrlConfig20210416', { functionName: 'report', authType: 'NONE' }),
  ),
  attack(
    'a scheduled rule runs a function of the attacker',
    record('events', 'PutRule', { name: 'nightly', scheduleExpression: 'rate(1 hour)' }),
    record(
      'events',
      'PutTargets',
      { rule: 'nightly', targets: [{ id: '1', arn: 'arn:aws:lambda:eu-west-1:999988887777:function:x' }] },
      { second: 2 },
    ),
  ),
  attack(
    'a snapshot of the database is exported',
    record('rds', 'CreateDBSnapshot', { dBInstanceIdentifier: 'crm', dBSnapshotIdentifier: 's-1' }),
    record(
      'rds',
      'ModifyDBSnapshotAttribute',
      { dBSnapshotIdentifier: 's-1', attributeName: 'restore', valuesToAdd: ['999988887777'] },
      { second: 90 },
    ),
  ),
  attack(
    'the administrator’s password is reset',
    record('rds', 'ModifyDBInstance', {
      dBInstanceIdentifier: 'crm',
      masterUserPassword: '****',
      applyImmediately: true,
    }),
  ),
  attack(
    'a directory’s user gets a new password',
    record('ds', 'ResetUserPassword', { directoryId: 'd-1', userName: 'admin' }),
  ),
  attack(
    'the login of people is handed to another provider',
    record('iam', 'CreateSAMLProvider', { name: 'idp2', sAMLMetadataDocument: '<x/>' }),
  ),
  attack(
    'a domain is moved away',
    record('route53domains', 'TransferDomainToAnotherAwsAccount', {
      domainName: 'acme.example',
      accountId: '999988887777',
    }),
  ),
  attack(
    'backups are deleted',
    record('backup', 'DeleteRecoveryPoint', { backupVaultName: 'main', recoveryPointArn: 'arn:aws:x:1' }),
    record('backup', 'DeleteBackupVault', { backupVaultName: 'main' }, { second: 2 }),
  ),
  unseen(
    'root signs in without a second factor',
    'posture of the account, and no chain yet',
    record('signin', 'ConsoleLogin', null, {
      by: { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT, principalId: ACCOUNT },
      response: { ConsoleLogin: 'Success' },
      extra: { additionalEventData: { MFAUsed: 'No', MobileVersion: 'No' }, eventType: 'AwsConsoleSignIn' },
    }),
  ),
  benign(
    'a person signs in with a second factor',
    record('signin', 'ConsoleLogin', null, {
      by: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/ana`, accountId: ACCOUNT, userName: 'ana' },
      response: { ConsoleLogin: 'Success' },
      extra: { additionalEventData: { MFAUsed: 'Yes' }, eventType: 'AwsConsoleSignIn' },
    }),
  ),
  benign(
    'infrastructure code is planned',
    ...[
      ['sts', 'GetCallerIdentity'],
      ['ec2', 'DescribeInstances'],
      ['ec2', 'DescribeInstanceAttribute'],
      ['ec2', 'DescribeVpcs'],
      ['iam', 'GetRole'],
      ['iam', 'ListRolePolicies'],
      ['iam', 'ListAttachedRolePolicies'],
      ['s3', 'GetBucketPolicy'],
      ['s3', 'GetBucketLifecycle'],
      ['s3', 'GetBucketEncryption'],
      ['rds', 'DescribeDBInstances'],
    ].map(([source = '', name = ''], i) =>
      record(source, name, { roleName: 'app', bucketName: 'acme-web' }, { second: i / 4 }),
    ),
  ),
  benign(
    'a deployment updates code and settings that it made',
    record('lambda', 'GetFunction20150331v2', { functionName: 'report' }),
    record(
      'lambda',
      'UpdateFunctionConfiguration20150331v2',
      { functionName: 'report', timeout: 30, memorySize: 256 },
      { second: 4 },
    ),
  ),
  benign(
    'a person changes the own password',
    record(
      'iam',
      'ChangePassword',
      { userName: 'ana' },
      {
        by: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/ana`, accountId: ACCOUNT, userName: 'ana' },
      },
    ),
  ),
  unseen(
    'the objects of a bucket are deleted in batches',
    'what is deleted from a bucket day by day looks the same; the backup is what is watched',
    ...[0, 1, 2].map((i) => record('s3', 'DeleteObjects', { bucketName: 'acme-invoices', delete: '' }, { second: i })),
  ),
  attack(
    'the lock of a backup vault is taken off',
    record('backup', 'DeleteBackupVaultLockConfiguration', { backupVaultName: 'main' }),
  ),
  attack(
    'leaving the organization is tried, and refused',
    record('organizations', 'LeaveOrganization', null, { extra: { errorCode: 'AccessDenied', errorMessage: 'no' } }),
  ),
  benign(
    'snapshots and images are rotated',
    record('ec2', 'DeregisterImage', { imageId: 'ami-0a1' }),
    record('ec2', 'DeleteSnapshot', { snapshotId: 'snap-0a1' }, { second: 1 }),
    record('rds', 'DeleteDBSnapshot', { dBSnapshotIdentifier: 'nightly-1' }, { second: 2 }),
  ),
  benign(
    'what is old in a bucket is deleted',
    record('s3', 'DeleteObjects', { bucketName: 'acme-build-cache', delete: '' }),
  ),
]
