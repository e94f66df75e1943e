{{/* Whether any node could ever run a resource class; asked of the cluster when it is installed. */}}

{{/* A quantity of CPUs in thousandths. */}}
{{- define "sojourn.milli" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}{{ trimSuffix "m" $text | float64 }}{{- else -}}{{ mulf (float64 $text) 1000.0 }}{{- end -}}
{{- end -}}

{{/* A quantity of memory in GiB. */}}
{{- define "sojourn.gib" -}}
{{- $text := toString . -}}
{{- if hasSuffix "Ki" $text -}}{{ divf (float64 (trimSuffix "Ki" $text)) 1048576.0 }}
{{- else if hasSuffix "Mi" $text -}}{{ divf (float64 (trimSuffix "Mi" $text)) 1024.0 }}
{{- else if hasSuffix "Gi" $text -}}{{ float64 (trimSuffix "Gi" $text) }}
{{- else -}}{{ divf (float64 $text) 1073741824.0 }}{{- end -}}
{{- end -}}

{{/* One line a class that is larger than every node. There are none to compare with when only rendering. */}}
{{- define "sojourn.tooLarge" -}}
{{- $nodes := list -}}
{{- if and .Values.checkNodes .Values.resourceClasses -}}
{{- $nodes = (lookup "v1" "Node" "" "").items -}}
{{- end -}}
{{- range $class := .Values.resourceClasses -}}
{{- $fits := empty $nodes -}}
{{- range $nodes -}}
{{- $cpus := include "sojourn.milli" .status.allocatable.cpu | float64 -}}
{{- $gib := include "sojourn.gib" .status.allocatable.memory | float64 -}}
{{- $gpus := index .status.allocatable ($class.gpuResource | default "-") | default 0 | int -}}
{{- if and (ge $cpus (mulf $class.cpus 1000.0)) (ge $gib (float64 $class.memoryGib)) (ge $gpus (int ($class.gpus | default 0))) -}}
{{- $fits = true -}}
{{- end -}}
{{- end -}}
{{- if not $fits }}
WARNING: the resource class {{ $class.slug }} ({{ $class.cpus }} CPUs, {{ $class.memoryGib }} GiB{{ with $class.gpus }}, {{ . }} {{ eq (int .) 1 | ternary "GPU" "GPUs" }}{{ end }}) is larger than any node. Its sessions wait until an autoscaler adds one.
{{- end -}}
{{- end -}}
{{- end -}}
