package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// action is a composite GitHub Action:
// https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
type action struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Author      string `yaml:"author"`
	Inputs      map[string]struct {
		Description string  `yaml:"description"`
		Required    bool    `yaml:"required"`
		Default     *string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description"`
		Value       string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

type step struct {
	Name  string            `yaml:"name"`
	ID    string            `yaml:"id"`
	If    string            `yaml:"if"`
	Shell string            `yaml:"shell"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
	Uses  string            `yaml:"uses"`
	With  map[string]string `yaml:"with"`
}

// pinned is an action by the hash of its commit.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)

// loadAction reads an action and refuses what nobody should ship.
func loadAction(path string) (*action, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a := &action{}
	if err := yaml.UnmarshalWithOptions(content, a, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for name, in := range a.Inputs {
		if in.Description == "" || !in.Required && in.Default == nil {
			return nil, fmt.Errorf("%s: input %s has no description, or neither is required nor has a default", path, name)
		}
		if !strings.Contains(string(content), "inputs."+name) {
			return nil, fmt.Errorf("%s: nothing uses input %s", path, name)
		}
	}
	for i := range a.Runs.Steps {
		s := &a.Runs.Steps[i]
		switch {
		case s.Uses != "" && !pinned.MatchString(s.Uses):
			return nil, fmt.Errorf("%s: %s is not pinned by a commit", path, s.Uses)
		case s.Uses == "" && (s.Shell != "bash" || s.Run == ""):
			return nil, fmt.Errorf("%s: step %q has no shell or nothing to run", path, s.Name)
		case strings.Contains(s.Run, "${{"):
			return nil, fmt.Errorf("%s: step %q puts an expression into its program: an input could be one", path, s.Name)
		}
	}
	return a, nil
}

// scope is what expressions may name.
type scope map[string]string

var expression = regexp.MustCompile(`\$\{\{\s*([\w.-]+)\s*\}\}`)

// expand puts the values of expressions into a text. One that is not known is
// an error of the template.
func (s scope) expand(text string) (string, error) {
	var missing string
	out := expression.ReplaceAllStringFunc(text, func(m string) string {
		name := expression.FindStringSubmatch(m)[1]
		v, ok := s[name]
		if !ok && !strings.HasPrefix(name, "steps.") { // a step that did not run has no outputs
			missing = name
		}
		return v
	})
	if missing != "" || strings.Contains(out, "${{") {
		return "", fmt.Errorf("expression in %q is not known: %s", text, missing)
	}
	return out, nil
}

// run runs the steps as a runner does: those after a failed one only where they
// say always(). It returns the code of the first that failed.
func (a *action) run(dir, spanrig string, with map[string]string) (int, error) {
	temp, err := os.MkdirTemp("", "spanrig-runner-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(temp)
	vars := scope{"github.action_ref": "v1.2.3"}
	for name, in := range a.Inputs {
		if in.Default != nil {
			vars["inputs."+name] = *in.Default
		}
	}
	for name, value := range with {
		if _, known := a.Inputs[name]; !known {
			return 0, fmt.Errorf("the action has no input %s", name)
		}
		vars["inputs."+name] = value
	}
	vars["inputs.spanrig"] = spanrig
	code := 0
	for i := range a.Runs.Steps {
		s := &a.Runs.Steps[i]
		if code != 0 && !strings.Contains(s.If, "always()") {
			continue
		}
		c, err := s.run(dir, temp, vars)
		if err != nil {
			return 0, fmt.Errorf("step %q: %w", s.Name, err)
		}
		if code == 0 {
			code = c
		}
	}
	for name, out := range a.Outputs {
		if vars["steps.replay.outputs.code"] == "" && code != 0 {
			break // the step refused to begin
		}
		if v, err := vars.expand(out.Value); err != nil || v == "" {
			return 0, fmt.Errorf("output %s is empty: %w", name, err)
		}
	}
	return code, nil
}

func (s *step) run(dir, temp string, vars scope) (int, error) {
	if s.Uses != "" {
		return 0, s.upload(dir, vars)
	}
	output, summary := filepath.Join(temp, "output"), filepath.Join(temp, "summary")
	for _, path := range []string{output, summary} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return 0, err
		}
	}
	env := []string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary, "GITHUB_ACTION_PATH=" + filepath.Join(dir, ".github/actions/replay"), "RUNNER_TEMP=" + temp}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		value, err := vars.expand(s.Env[name])
		if err != nil {
			return 0, err
		}
		env = append(env, name+"="+value)
	}
	code, err := bash(dir, s.Run, env)
	if err != nil {
		return 0, err
	}
	content, err := os.ReadFile(output)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok {
			return 0, fmt.Errorf("GITHUB_OUTPUT has the line %q", line)
		}
		vars["steps."+s.ID+".outputs."+name] = value
	}
	if text, err := os.ReadFile(summary); err != nil || vars["steps.replay.outputs.code"] != "" && s.ID == "replay" && !strings.HasPrefix(string(text), "### spanrig: ") {
		return 0, fmt.Errorf("the summary is %.60q (%w)", text, err)
	}
	return code, nil
}

// upload stands for the one action that is used: it needs files.
func (s *step) upload(dir string, vars scope) error {
	path, err := vars.expand(s.With["path"])
	if err != nil {
		return err
	}
	if list, err := os.ReadDir(filepath.Join(dir, path)); err != nil || len(list) == 0 {
		return fmt.Errorf("%s: nothing to upload from %s (%w)", s.Uses, path, err)
	}
	return nil
}
