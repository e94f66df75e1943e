{{/*
What no schema can say: values that make no sense together. Each ends the installation with a sentence that names
the value and the remedy.
*/}}
{{- define "sojourn.checks" -}}
{{- include "sojourn.checkAddresses" . -}}
{{- include "sojourn.checkEnvironments" . -}}
{{- include "sojourn.checkResourceClasses" . -}}
{{- include "sojourn.checkResourcePools" . -}}
{{- include "sojourn.checkDatabase" . -}}
{{- include "sojourn.checkPeople" . -}}
{{- include "sojourn.checkSessions" . -}}
{{- include "sojourn.checkSecrets" . -}}
{{- end -}}

{{- define "sojourn.refuse" -}}
{{- fail (printf "\n\n  %s\n" .) -}}
{{- end -}}

{{- define "sojourn.checkAddresses" -}}
{{- if not .Values.url -}}
{{- include "sojourn.refuse" "url is empty: say at which address people reach Sojourn, for instance https://sojourn.example.org." -}}
{{- end -}}
{{- if not .Values.images.sojourn -}}
{{- include "sojourn.refuse" "images.sojourn is empty: name Sojourn's image. scripts/images builds it and prints this value." -}}
{{- end -}}
{{- if and .Values.sessions.ownHosts (regexMatch "^https?://[0-9.]+(:|/|$)" .Values.url) -}}
{{- include "sojourn.refuse" (printf "sessions.ownHosts is true and url is %s: people's hosts are below its name, and an address has none. Name a host." .Values.url) -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.gateway.enabled -}}
{{- include "sojourn.refuse" "ingress.enabled and gateway.enabled are both true: choose one way in." -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.gateway.enabled) (regexMatch "^https?://[0-9.]+(:|/|$)" .Values.url) -}}
{{- include "sojourn.refuse" (printf "url is %s: ingress and gateway tell hosts apart by their names, so give it one." .Values.url) -}}
{{- end -}}
{{- if and (not (include "sojourn.ownHub" .)) (or .Values.ingress.enabled .Values.gateway.enabled) -}}
{{- include "sojourn.refuse" "ingress and gateway lead to this chart's proxy, and with hub.existing.url there is none: the way in is the existing proxy's." -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) -}}
{{- include "sojourn.refuse" "gateway.parentRefs is empty: name the Gateway that the route belongs to." -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.ingress.tlsSecret (not (hasPrefix "https://" .Values.url)) -}}
{{- include "sojourn.refuse" (printf "ingress.tlsSecret is set and url is %s: with TLS, people's address begins with https://." .Values.url) -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkEnvironments" -}}
{{- if not .Values.environments -}}
{{- include "sojourn.refuse" "environments is empty: offer at least one. scripts/images builds the default ones and prints this value." -}}
{{- end -}}
{{- range $slug, $environment := .Values.environments -}}
{{- if not (regexMatch "^[a-z0-9]+(-[a-z0-9]+)*$" $slug) -}}
{{- include "sojourn.refuse" (printf "environments: %s is no slug; use lower-case letters, digits and single hyphens." $slug) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$" $environment.image) -}}
{{- include "sojourn.refuse" (printf "environments.%s.image: %s can change; pin it as NAME@sha256:DIGEST, which the registry shows beside the tag." $slug $environment.image) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkResourceClasses" -}}
{{- $slugs := dict -}}
{{- $default := "" -}}
{{- range .Values.resourceClasses -}}
{{- if hasKey $slugs .slug -}}
{{- include "sojourn.refuse" (printf "resourceClasses: there are two classes %s; give one another slug." .slug) -}}
{{- end -}}
{{- $_ := set $slugs .slug true -}}
{{- if .default -}}
{{- if $default -}}
{{- include "sojourn.refuse" (printf "resourceClasses: %s and %s are both the default; leave one." $default .slug) -}}
{{- end -}}
{{- $default = .slug -}}
{{- end -}}
{{- if ne (gt (int (.gpus | default 0)) 0) (not (empty .gpuResource)) -}}
{{- include "sojourn.refuse" (printf "resourceClasses: %s has gpus without gpuResource or the reverse; say how many, and of which kind (for instance nvidia.com/gpu)." .slug) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkResourcePools" -}}
{{- $classes := dict -}}
{{- range .Values.resourceClasses -}}
{{- $_ := set $classes .slug . -}}
{{- end -}}
{{- $slugs := dict -}}
{{- $poolOf := dict -}}
{{- range $pool := .Values.resourcePools -}}
{{- if hasKey $slugs .slug -}}
{{- include "sojourn.refuse" (printf "resourcePools: there are two pools %s; give one another slug." .slug) -}}
{{- end -}}
{{- $_ := set $slugs .slug true -}}
{{- range $slug := .classes -}}
{{- if not (hasKey $classes $slug) -}}
{{- include "sojourn.refuse" (printf "resourcePools: %s has the class %s, and resourceClasses has none of that slug." $pool.slug $slug) -}}
{{- end -}}
{{- if hasKey $poolOf $slug -}}
{{- include "sojourn.refuse" (printf "resourcePools: the class %s is in %s and in %s; leave it in one." $slug (get $poolOf $slug) $pool.slug) -}}
{{- end -}}
{{- $_ := set $poolOf $slug $pool.slug -}}
{{- $class := get $classes $slug -}}
{{- if and $class.default (dig "audience" "groups" (list) $pool) -}}
{{- include "sojourn.refuse" (printf "resourcePools: %s is for some groups only, and new sessions are of its class %s: make another class the default, or leave audience.groups out." $pool.slug $slug) -}}
{{- end -}}
{{- range $field := list "quota" "perPerson" "perProject" -}}
{{- range $kind := list "cpus" "memoryGib" "gpus" -}}
{{- $most := dig $field $kind 0.0 $pool | float64 -}}
{{- $needed := dig $kind 0.0 $class | float64 -}}
{{- if and (gt $most 0.0) (gt $needed $most) -}}
{{- include "sojourn.refuse" (printf "resourcePools: %s.%s.%s is %v, and a session of the class %s takes %v: nobody could start one. Make the limit larger, or take the class out of the pool." $pool.slug $field $kind $most $slug $needed) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkDatabase" -}}
{{- $database := .Values.database -}}
{{- if and $database.apiUrl $database.existingSecret -}}
{{- include "sojourn.refuse" "database.apiUrl and database.existingSecret are both set: say in one place where the databases are." -}}
{{- end -}}
{{- if and $database.hubUrl (not $database.apiUrl) -}}
{{- include "sojourn.refuse" "database.hubUrl is set without database.apiUrl: the API needs a database too." -}}
{{- end -}}
{{- if and (include "sojourn.ownDatabase" .) (not .Values.trial) -}}
{{- include "sojourn.refuse" "No database is named: set database.apiUrl and database.hubUrl, or database.existingSecret. The chart's own PostgreSQL has no backups and is for trials (trial: true)." -}}
{{- end -}}
{{- if $database.apiUrl -}}
{{- if not (hasPrefix "postgresql+asyncpg://" $database.apiUrl) -}}
{{- include "sojourn.refuse" "database.apiUrl has to begin with postgresql+asyncpg://." -}}
{{- end -}}
{{- if and (include "sojourn.ownHub" .) (not $database.hubUrl) (not .Values.hub.claim.enabled) -}}
{{- include "sojourn.refuse" "database.hubUrl is empty: the hub needs a database of its own; or set hub.claim.enabled for one in a file." -}}
{{- end -}}
{{- if and $database.hubUrl (not (hasPrefix "postgresql+psycopg://" $database.hubUrl)) -}}
{{- include "sojourn.refuse" "database.hubUrl has to begin with postgresql+psycopg://." -}}
{{- end -}}
{{- if eq (trimPrefix "postgresql+asyncpg://" $database.apiUrl) (trimPrefix "postgresql+psycopg://" $database.hubUrl) -}}
{{- include "sojourn.refuse" "database.apiUrl and database.hubUrl name the same database: the API and the hub each need their own." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkPeople" -}}
{{- $authenticator := include "sojourn.authenticator" . -}}
{{- if and (include "sojourn.ownHub" .) (not .Values.trial) -}}
{{- if not .Values.authentication.class -}}
{{- include "sojourn.refuse" "authentication.class is empty: say how people log in, for instance generic-oauth with its settings in authentication.config. For a trial where everybody shares a password say trial: true." -}}
{{- end -}}
{{- if has $authenticator (list "shared-password" "dummy" "null") -}}
{{- include "sojourn.refuse" (printf "authentication.class is %s, with which everybody can log in as anybody: choose another, or say trial: true where nothing is worth protecting." $authenticator) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkSessions" -}}
{{- if and .Values.sessions.createNamespace (not .Values.sessions.namespace) -}}
{{- include "sojourn.refuse" "sessions.createNamespace is true and sessions.namespace is empty: say which namespace is to be made." -}}
{{- end -}}
{{- if and .Values.sessions.createNamespace (eq .Values.sessions.namespace .Release.Namespace) -}}
{{- include "sojourn.refuse" (printf "sessions.namespace is %s, where Sojourn itself is installed: it is there already; set sessions.createNamespace to false." .Values.sessions.namespace) -}}
{{- end -}}
{{- if .Values.hub.existing.url -}}
{{- range $value := list "namespace" "serviceAccount" "hubLabels" "proxyLabels" -}}
{{- if not (index $.Values.hub.existing $value) -}}
{{- include "sojourn.refuse" (printf "hub.existing.%s is empty: with hub.existing.url, say where the existing hub is and who it is." $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $setting := list "sojourn_url" "sojourn_token" "namespace" "installation" "component_label" -}}
{{- if hasKey $.Values.sessions.config $setting -}}
{{- include "sojourn.refuse" (printf "sessions.config.%s is what the chart sets itself: leave it out." $setting) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sojourn.checkSecrets" -}}
{{- $tokens := list "hub-token" "spawner-token" "cookie-secret" "secrets-key" -}}
{{- if include "sojourn.ownHub" . -}}
{{- $tokens = concat $tokens (list "metrics-token" "proxy-token" "hub-cookie-secret" "hub-crypt-key") -}}
{{- if eq (include "sojourn.authenticator" .) "shared-password" -}}
{{- $tokens = append $tokens "trial-password" -}}
{{- end -}}
{{- end -}}
{{- if include "sojourn.ownDatabase" . -}}
{{- $tokens = append $tokens "database-password" -}}
{{- end -}}
{{- include "sojourn.checkSecret" (dict "root" . "value" "secrets.existingSecret" "name" .Values.secrets.existingSecret "keys" $tokens) -}}
{{- $urls := list "api-url" -}}
{{- if and (include "sojourn.ownHub" .) (not (include "sojourn.hubOnClaim" .)) -}}
{{- $urls = append $urls "hub-url" -}}
{{- end -}}
{{- include "sojourn.checkSecret" (dict "root" . "value" "database.existingSecret" "name" .Values.database.existingSecret "keys" $urls) -}}
{{- end -}}

{{/* Whether a Secret is there with its keys; where nothing can be looked up, as when only rendering, it counts as there. */}}
{{- define "sojourn.checkSecret" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if and .name (lookup "v1" "ServiceAccount" $namespace "default") -}}
{{- $found := lookup "v1" "Secret" $namespace .name -}}
{{- if not $found -}}
{{- include "sojourn.refuse" (printf "%s: there is no Secret %s in the namespace %s; make it, with the keys %s." .value .name $namespace (join ", " .keys)) -}}
{{- end -}}
{{- range .keys -}}
{{- if not (hasKey ($found.data | default dict) .) -}}
{{- include "sojourn.refuse" (printf "%s: the Secret %s has no key %s." $.value $.name .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
