{{- define "threatmodel.name" -}}
{{ .Values.fullnameOverride | default .Release.Name }}
{{- end }}

{{- define "threatmodel.labels" -}}
app.kubernetes.io/name: threatmodel
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "threatmodel.selector" -}}
app.kubernetes.io/name: threatmodel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Not empty if anything public reaches the pods: Slack's requests, or the page that installs the app. */ -}}
{{- define "threatmodel.public" -}}
{{- if or (eq .Values.delivery "http") .Values.ingress.enabled .Values.agents.enabled }}yes{{ end }}
{{- end }}

{{- define "threatmodel.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.tag }}:{{ . }}{{ end }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}
