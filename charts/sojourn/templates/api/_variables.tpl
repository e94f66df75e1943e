{{/* The API's settings; also for its migrations. See sessions_api/settings.py. */}}
{{- define "sojourn.apiVariables" -}}
{{ include "sojourn.databaseVariable" (dict "root" . "variable" "SOJOURN_DATABASE_URL" "key" "api-url" "driver" "asyncpg" "database" "sojourn") }}
{{ include "sojourn.secretVariable" (dict "root" . "variable" "SOJOURN_HUB_TOKEN" "key" "hub-token") }}
{{ include "sojourn.secretVariable" (dict "root" . "variable" "SOJOURN_SPAWNER_TOKEN" "key" "spawner-token") }}
{{ include "sojourn.secretVariable" (dict "root" . "variable" "SOJOURN_COOKIE_SECRET" "key" "cookie-secret") }}
{{ include "sojourn.secretVariable" (dict "root" . "variable" "SOJOURN_SECRETS_KEY" "key" "secrets-key") }}
- name: SOJOURN_PUBLIC_URL
  value: {{ .Values.url | trimSuffix "/" | quote }}
{{- if include "sojourn.ownHub" . }}
- name: SOJOURN_SESSIONS_URL
  value: http://{{ include "sojourn.name" . }}-proxy.{{ .Release.Namespace }}.svc:{{ .Values.proxy.service.port }}
{{- end }}
- name: SOJOURN_OWN_HOSTS
  value: {{ .Values.sessions.ownHosts | quote }}
- name: SOJOURN_SHARE_HOURS_MOST
  value: {{ .Values.sessions.shareHoursMost | quote }}
- name: SOJOURN_HOST
  value: {{ .Values.api.listenAddress | quote }}
- name: SOJOURN_PORT
  value: "8001"
- name: SOJOURN_INTERNAL_PORT
  value: "8002"
- name: SOJOURN_HUB_API_URL
  value: {{ include "sojourn.hubUrl" . }}/hub/api
- name: SOJOURN_ENVIRONMENTS_DIR
  value: /etc/sojourn/environments
- name: SOJOURN_RESOURCE_CLASSES_FILE
  value: /etc/sojourn/resources/resource-classes.yaml
- name: SOJOURN_RESOURCE_POOLS_FILE
  value: /etc/sojourn/resources/resource-pools.yaml
- name: SOJOURN_KUBERNETES_NAMESPACE
  value: {{ include "sojourn.sessionsNamespace" . }}
- name: SOJOURN_INSTALLATION
  value: {{ include "sojourn.installation" . }}
- name: SOJOURN_STORAGE_KINDS
  value: {{ join "," .Values.storages.kinds | quote }}
- name: SOJOURN_STORAGE_CLAIMS
  value: {{ join "," .Values.storages.claims | quote }}
- name: SOJOURN_STORAGE_NFS_SERVERS
  value: {{ join "," .Values.storages.nfsServers | quote }}
- name: SOJOURN_STORAGE_CSI_DRIVERS
  value: {{ join "," .Values.storages.csiDrivers | quote }}
- name: SOJOURN_PRIVATE_ADDRESSES
  value: {{ .Values.api.privateAddresses | quote }}
- name: SOJOURN_REGISTRY_PRIVATE
  value: {{ join "," .Values.api.registries.private | quote }}
- name: SOJOURN_REGISTRY_INSECURE
  value: {{ join "," .Values.api.registries.insecure | quote }}
- name: SOJOURN_TAG_CHECK_HOURS
  value: {{ .Values.api.registries.tagCheckHours | quote }}
{{- with .Values.sessions.pausing }}
- name: SOJOURN_IDLE_MINUTES
  value: {{ .idleMinutes | quote }}
- name: SOJOURN_IDLE_MINUTES_MOST
  value: {{ .idleMinutesMost | quote }}
- name: SOJOURN_LIFE_HOURS
  value: {{ .lifeHours | quote }}
- name: SOJOURN_LIFE_HOURS_MOST
  value: {{ .lifeHoursMost | quote }}
- name: SOJOURN_PAUSE_WARNING_MINUTES
  value: {{ .warningMinutes | quote }}
- name: SOJOURN_KEEP_ALIVE_HOURS
  value: {{ .keepAliveHours | quote }}
{{- end }}
- name: SOJOURN_KEPT_DAYS
  value: {{ .Values.sessions.keeping.days | quote }}
- name: SOJOURN_PROMETHEUS_URL
  value: {{ .Values.monitoring.prometheusUrl | trimSuffix "/" | quote }}
- name: SOJOURN_SNAPSHOT_CLASS
  value: {{ .Values.sessions.keeping.snapshotClass | quote }}
- name: SOJOURN_ACTIVITY_SECONDS
  value: {{ .Values.sessions.config.activity_seconds | default 300 | quote }}
- name: SOJOURN_NODE_PLATFORMS
  value: {{ join "," .Values.sessions.platforms | quote }}
{{- with .Values.api.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
