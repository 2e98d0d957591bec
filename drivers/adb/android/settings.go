package android

import (
	"context"
	"strings"

	"github.com/spanrig/spanrig/drivers"
)

// Namespaces of settings.
const (
	Global = "global"
	Secure = "secure"
	System = "system"
)

// Setting reads a setting; set is false where it has no value.
func Setting(ctx context.Context, b drivers.Bridge, namespace, key string) (value string, set bool, err error) {
	out, err := run(ctx, b, "settings", "get", namespace, key)
	if err != nil {
		return "", false, err
	}
	value = strings.TrimRight(string(out), "\r\n")
	if value == "null" { // a setting of that very text cannot be told from none
		return "", false, nil
	}
	return value, true, nil
}

// PutSetting writes a setting and reads it back.
func PutSetting(ctx context.Context, b drivers.Bridge, namespace, key, value string) error {
	argv := []string{"settings", "put", namespace, key, value}
	if _, err := run(ctx, b, argv...); err != nil {
		return err
	}
	return readBack(ctx, b, argv, value, true)
}

// DeleteSetting takes a setting away and reads that back.
func DeleteSetting(ctx context.Context, b drivers.Bridge, namespace, key string) error {
	argv := []string{"settings", "delete", namespace, key}
	if _, err := run(ctx, b, argv...); err != nil {
		return err
	}
	return readBack(ctx, b, argv, "", false)
}

func readBack(ctx context.Context, b drivers.Bridge, argv []string, want string, wantSet bool) error {
	got, set, err := Setting(ctx, b, argv[2], argv[3])
	if err != nil {
		return err
	}
	if got != want || set != wantSet {
		return &CommandError{argv, 0, "it did not take: the device reads back " + orNone(got, set)}
	}
	return nil
}

func orNone(value string, set bool) string {
	if !set {
		return "none"
	}
	return value
}

// Svc switches a service of the device: Svc(ctx, b, "wifi", "disable"),
// "power stayon true", "data enable".
func Svc(ctx context.Context, b drivers.Bridge, args ...string) error {
	argv := append([]string{"svc"}, args...)
	out, err := b.Run(ctx, argv...)
	if err != nil {
		return err
	}
	if out.Code != 0 || len(strings.TrimSpace(string(out.Stderr))) > 0 { // it prints its usage, with exit code 0
		return commandError(argv, out)
	}
	return nil
}
