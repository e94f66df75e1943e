{{/* Peers in network policies. */}}

{{- define "sojourn.fromPart" -}}
- podSelector:
    matchLabels:
      {{- include "sojourn.selector" . | nindent 6 }}
{{- end -}}

{{/* The same from another namespace: sessions may have one of their own. */}}
{{- define "sojourn.fromPartAnywhere" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .root.Release.Namespace }}
  podSelector:
    matchLabels:
      {{- include "sojourn.selector" . | nindent 6 }}
{{- end -}}

{{- define "sojourn.fromHub" -}}
{{- if include "sojourn.ownHub" . -}}
{{- include "sojourn.fromPartAnywhere" (dict "root" . "part" "hub") -}}
{{- else -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .Values.hub.existing.namespace }}
  podSelector:
    matchLabels:
      {{- toYaml .Values.hub.existing.hubLabels | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "sojourn.fromProxy" -}}
{{- if include "sojourn.ownHub" . -}}
{{- include "sojourn.fromPartAnywhere" (dict "root" . "part" "proxy") -}}
{{- else -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ .Values.hub.existing.namespace }}
  podSelector:
    matchLabels:
      {{- toYaml .Values.hub.existing.proxyLabels | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "sojourn.sessionSelector" -}}
matchLabels:
  sojourn/installation: {{ include "sojourn.installation" . }}
{{- end -}}

{{- define "sojourn.fromSessions" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ include "sojourn.sessionsNamespace" . }}
  podSelector:
    {{- include "sojourn.sessionSelector" . | nindent 4 }}
{{- end -}}

{{- define "sojourn.dns" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end -}}
