#!/bin/sh
# This stands in for systemctl and for the kubelet of a worker, of which a machine cannot run fifty. It only gets the client
# certificate of the kubelet: it sends the CSR, waits for the certificate, and writes kubelet.conf.
set -eu
case "$*" in
  *show*) exit 1 ;;
  *is-active*) echo active; exit 0 ;;
  restart*kubelet* | start*kubelet*) setsid "$0" bootstrap < /dev/null > /tmp/kubelet.log 2>&1 & exit 0 ;;
  bootstrap) ;;
  *) exit 0 ;;
esac

bootstrap=/etc/kubernetes/bootstrap-kubelet.conf
field() { sed -n "s/^ *$1: *//p" "$bootstrap" | head -n 1 | tr -d '"'; }
server=$(field server)
token=$(field token)
field certificate-authority-data | base64 -d > /tmp/ca.crt
pem=/var/lib/kubelet/pki/kubelet-client-current.pem
mkdir -p "${pem%/*}"
openssl ecparam -name prime256v1 -genkey -noout -out /tmp/key
request=$(openssl req -new -key /tmp/key -subj "/O=system:nodes/CN=system:node:$(hostname)" | base64 -w 0)
requests=$server/apis/certificates.k8s.io/v1/certificatesigningrequests
ask() { curl -sSN --fail --cacert /tmp/ca.crt -H "Authorization: Bearer $token" "$@"; }
name=$(ask -H 'Content-Type: application/json' "$requests" -d '{"apiVersion": "certificates.k8s.io/v1",
  "kind": "CertificateSigningRequest", "metadata": {"generateName": "node-csr-"}, "spec": {"request": "'"$request"'",
  "signerName": "kubernetes.io/kube-apiserver-client-kubelet", "usages": ["digital signature", "client auth"]}}' |
  sed -n 's/.*"name": *"\(node-csr-[^"]*\)".*/\1/p' | head -n 1)
mkfifo /tmp/events
certificate=
# A connection can end before the certificate is there.
until [ -n "$certificate" ]; do
  ask "$requests?watch=true&timeoutSeconds=120&fieldSelector=metadata.name=$name" > /tmp/events &
  watch=$!
  certificate=$(sed -nu '/"certificate"/{s/.*"certificate": *"\([^"]*\)".*/\1/p;q}' /tmp/events)
  kill "$watch" 2> /dev/null || true
done
{ echo "$certificate" | base64 -d; cat /tmp/key; } > "$pem"
sed "s|^\( *\)token: .*|\1client-certificate: $pem\n\1client-key: $pem|" "$bootstrap" > /etc/kubernetes/kubelet.conf.new
mv /etc/kubernetes/kubelet.conf.new /etc/kubernetes/kubelet.conf
