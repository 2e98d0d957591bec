package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/goccy/go-yaml"
)

// job is a job of GitLab CI: https://docs.gitlab.com/ci/yaml/
type job struct {
	Image     string            `yaml:"image"`
	Stage     string            `yaml:"stage"`
	Variables map[string]string `yaml:"variables"`
	Script    []string          `yaml:"script"`
	Artifacts struct {
		When     string            `yaml:"when"`
		ExpireIn string            `yaml:"expire_in"`
		ExposeAs string            `yaml:"expose_as"`
		Paths    []string          `yaml:"paths"`
		Reports  map[string]string `yaml:"reports"`
	} `yaml:"artifacts"`
}

// loadJob reads the one job of a template, a hidden one.
func loadJob(path string) (*job, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var jobs map[string]*job
	if err := yaml.UnmarshalWithOptions(content, &jobs, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j := jobs[".spanrig-replay"]
	if len(jobs) != 1 || j == nil || len(j.Script) == 0 {
		return nil, fmt.Errorf("%s: expected the one hidden job .spanrig-replay with a script", path)
	}
	if j.Artifacts.When != "always" || j.Artifacts.Reports["junit"] != "spanrig-out/*.xml" || strings.Join(j.Artifacts.Paths, " ") != "spanrig-out/" {
		return nil, fmt.Errorf("%s: the results are not published whatever they are: %+v", path, j.Artifacts)
	}
	for name := range j.Variables {
		if strings.Count(string(content), name) < 3 { // told, given, used
			return nil, fmt.Errorf("%s: variable %s is not told or not used", path, name)
		}
	}
	return j, nil
}

// run runs the script as a runner does: all lines in one shell.
func (j *job) run(dir, spanrig string, with map[string]string) (int, error) {
	env := map[string]string{}
	for name, value := range j.Variables {
		env[name] = value
	}
	for input, value := range with {
		name := "SPANRIG_" + strings.ToUpper(strings.ReplaceAll(input, "-", "_"))
		if _, known := env[name]; !known {
			return 0, fmt.Errorf("the job has no variable %s", name)
		}
		env[name] = value
	}
	env["SPANRIG"] = spanrig
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return bash(dir, strings.Join(j.Script, "\n"), list)
}

// bash runs a program as both runners do, and returns its exit code. What it
// prints is shown only where it ends in another way.
func bash(dir, program string, env []string) (int, error) {
	c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", program)
	c.Dir = dir
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GOFLAGS=" + os.Getenv("GOFLAGS"), "GOPROXY=" + os.Getenv("GOPROXY")}, env...)
	out, err := c.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &ended) && ended.ExitCode() >= 0:
		if ended.ExitCode() > 4 || strings.Contains(program, "go build") {
			return 0, fmt.Errorf("exit code %d:\n%s", ended.ExitCode(), out)
		}
		return ended.ExitCode(), nil
	}
	return 0, fmt.Errorf("%w:\n%s", err, out)
}
