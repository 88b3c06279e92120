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

{{- define "threatmodel.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.tag }}:{{ . }}{{ end }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}
