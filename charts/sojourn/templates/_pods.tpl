{{/* What all pods of this chart have in common. */}}

{{/* (dict "uid" 1000 "gid" 1000) */}}
{{- define "sojourn.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .gid }}
fsGroup: {{ .gid }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "sojourn.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where pods may run and how they are pulled: (dict "root" $ "part" "api" "values" .Values.api). */}}
{{- define "sojourn.placement" -}}
enableServiceLinks: false
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* A variable from the installation's Secret: (dict "root" $ "variable" "NAME" "key" "hub-token"). */}}
{{- define "sojourn.secretVariable" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "sojourn.secretName" .root }}
      key: {{ .key }}
{{- end -}}

{{/*
The URL of a database: (dict "root" $ "variable" "NAME" "key" "api-url" "driver" "asyncpg" "database" "sojourn").
Of the chart's own database it is put together by the kubelet, so that the password is in one place only.
*/}}
{{- define "sojourn.databaseVariable" -}}
{{- if include "sojourn.ownDatabase" .root -}}
{{ include "sojourn.secretVariable" (dict "root" .root "variable" "SOJOURN_DATABASE_PASSWORD" "key" "database-password") }}
- name: {{ .variable }}
  value: postgresql+{{ .driver }}://postgres:$(SOJOURN_DATABASE_PASSWORD)@{{ include "sojourn.name" .root }}-database.{{ .root.Release.Namespace }}.svc:5432/{{ .database }}
{{- else -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "sojourn.databaseSecretName" .root }}
      key: {{ .key }}
{{- end -}}
{{- end -}}
