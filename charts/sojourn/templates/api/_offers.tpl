{{/* An environment as the API reads it (spawner/recipes.py), whose fields are written with underscores. */}}
{{- define "sojourn.environmentFile" -}}
{{- $run := include "sojourn.programFields" .run | fromYaml -}}
{{- if .run.frontEnds -}}
{{- $others := list -}}
{{- range .run.frontEnds -}}
{{- $others = append $others (include "sojourn.programFields" . | fromYaml) -}}
{{- end -}}
{{- $_ := set $run "front_ends" $others -}}
{{- end -}}
{{- $file := dict "name" .name "description" .description "image" .image "run" $run -}}
{{- if .keywords -}}
{{- $_ := set $file "keywords" .keywords -}}
{{- end -}}
{{- toYaml $file -}}
{{- end -}}

{{/* How a program is run, as the API reads it. */}}
{{- define "sojourn.programFields" -}}
{{- $fields := dict -}}
{{- range $key, $value := . -}}
{{- if and (eq $key "gate") $value -}}
{{- $value = dict "prefix" $value.prefix "ready_path" $value.readyPath -}}
{{- end -}}
{{- $_ := set $fields (snakecase $key) $value -}}
{{- end -}}
{{- toYaml $fields -}}
{{- end -}}
