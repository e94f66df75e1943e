{{/* Names and labels of everything in this installation. */}}

{{- define "sojourn.name" -}}
{{- if contains "sojourn" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-sojourn" (.Release.Name | trunc 32 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{/* What sessions' pods and claims carry, so that two installations on a cluster never take each other's. */}}
{{- define "sojourn.installation" -}}
{{- $long := printf "%s.%s" .Release.Namespace .Release.Name -}}
{{- if gt (len $long) 63 -}}
{{- printf "%s-%s" ($long | trunc 54 | trimAll "-.") ($long | sha256sum | trunc 8) -}}
{{- else -}}
{{- $long -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.sessionsNamespace" -}}
{{- .Values.sessions.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* The name of what is in the namespace of the sessions, where another installation of this name may be too. */}}
{{- define "sojourn.nameAtSessions" -}}
{{- $name := include "sojourn.name" . -}}
{{- if eq .Release.Namespace (include "sojourn.sessionsNamespace" .) -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Namespace $name -}}
{{- end -}}
{{- end -}}

{{/* By which pods are found: (dict "root" $ "part" "api"). */}}
{{- define "sojourn.selector" -}}
app.kubernetes.io/name: sojourn
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "sojourn.labels" -}}
{{ include "sojourn.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "sojourn.meta" -}}
name: {{ include "sojourn.name" .root }}-{{ .part }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "sojourn.labels" . | nindent 2 }}
{{- end -}}

{{- define "sojourn.secretName" -}}
{{- .Values.secrets.existingSecret | default (include "sojourn.name" .) -}}
{{- end -}}

{{- define "sojourn.databaseSecretName" -}}
{{- .Values.database.existingSecret | default (printf "%s-database-urls" (include "sojourn.name" .)) -}}
{{- end -}}

{{- define "sojourn.authenticator" -}}
{{- .Values.authentication.class | default "shared-password" -}}
{{- end -}}

{{/* "yes" where the chart brings its own of something. */}}
{{- define "sojourn.ownDatabase" -}}
{{- if not (or .Values.database.apiUrl .Values.database.existingSecret) }}yes{{ end -}}
{{- end -}}
{{- define "sojourn.ownHub" -}}
{{- if not .Values.hub.existing.url }}yes{{ end -}}
{{- end -}}
{{- define "sojourn.hubOnClaim" -}}
{{- if and .Values.hub.claim.enabled (include "sojourn.ownHub" .) }}yes{{ end -}}
{{- end -}}

{{- define "sojourn.hubUrl" -}}
{{- if .Values.hub.existing.url -}}
{{- .Values.hub.existing.url | trimSuffix "/" -}}
{{- else -}}
http://{{ include "sojourn.name" . }}-hub.{{ .Release.Namespace }}.svc:8081
{{- end -}}
{{- end -}}

{{- define "sojourn.apiUrl" -}}
http://{{ include "sojourn.name" . }}-api.{{ .Release.Namespace }}.svc:8001
{{- end -}}
{{- define "sojourn.internalUrl" -}}
http://{{ include "sojourn.name" . }}-api.{{ .Release.Namespace }}.svc:8002
{{- end -}}
{{- define "sojourn.proxyApiUrl" -}}
http://{{ include "sojourn.name" . }}-proxy-api.{{ .Release.Namespace }}.svc:8001
{{- end -}}
