package codectest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/satchel-go/satchel/codec"
)

func usable[T any](c codec.Codec[T], _ sample[T]) error {
	if err := codec.Check(c); err != nil {
		return fmt.Errorf("Check: %w", err)
	}
	if first, second := c.Name(), c.Name(); first == "" || first != second {
		return fmt.Errorf("Name is %q and %q", first, second)
	}
	return nil
}

func roundTrip[T any](c codec.Codec[T], s sample[T]) error {
	_, err := comesBack(c, s.value)
	return err
}

// comesBack encodes v, decodes it and compares.
func comesBack[T any](c codec.Codec[T], v T) (payload string, err error) {
	payload, err = c.Encode(v)
	if err != nil {
		return "", fmt.Errorf("Encode(%+v): %w", v, err)
	}
	got, err := c.Decode(payload)
	if err != nil {
		return "", fmt.Errorf("Decode(%q): %w", payload, err)
	}
	if !equal(got, v) {
		return "", fmt.Errorf("%+v came back as %+v", v, got)
	}
	return payload, nil
}

func whole[T any](c codec.Codec[T], s sample[T]) error {
	payload, err := c.Encode(s.value)
	if err != nil {
		return fmt.Errorf("Encode(%+v): %w", s.value, err)
	}
	if _, whole, err := codec.Read(c, payload); err != nil || !whole {
		return fmt.Errorf("reading %q: whole is %v, error %w", payload, whole, err)
	}
	return nil
}

func deterministic[T any](c codec.Codec[T], s sample[T]) error {
	payload, err := c.Encode(s.value)
	if err != nil {
		return fmt.Errorf("Encode(%+v): %w", s.value, err)
	}
	for range 8 { // a map of two keys, written as it is ranged over, gets through with a chance of one in 256
		again, err := c.Encode(s.value)
		if err != nil || again != payload {
			return fmt.Errorf("%+v was written as %q and as %q, error %w", s.value, payload, again, err)
		}
	}
	copied, err := c.Decode(payload)
	if err != nil {
		return fmt.Errorf("Decode(%q): %w", payload, err)
	}
	again, err := c.Encode(copied)
	if err != nil || again != payload {
		return fmt.Errorf("a copy of %+v was written as %q, not as %q, error %w", s.value, again, payload, err)
	}
	return nil
}

// unshared changes everything that one decoded value holds, and works the codec with other values, and looks whether a
// second decoded value notices.
func unshared[T any](c codec.Codec[T], s sample[T]) error {
	payload, err := comesBack(c, s.value)
	if err != nil {
		return err
	}
	before := strings.Clone(payload)
	changed, err := c.Decode(payload)
	kept, err2 := c.Decode(payload)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("Decode(%q): %w", payload, err)
	}
	scramble(reflect.ValueOf(&changed).Elem())
	if payload != before {
		return errors.New("a change to the decoded value changed the payload")
	}
	if !equal(kept, s.value) {
		return fmt.Errorf("a change to one decoded value changed another: %+v became %+v", s.value, kept)
	}
	otherPayload, err := comesBack(c, s.other)
	if err != nil {
		return err
	}
	if payload != before || !equal(kept, s.value) {
		return fmt.Errorf("work with %q changed what %q was decoded to", otherPayload, payload)
	}
	_, err = comesBack(c, s.value)
	return err
}

func concurrent[T any](c codec.Codec[T], s sample[T]) error {
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		v := s.value
		if i%2 == 1 {
			v = s.other
		}
		group.Go(func() {
			errs[i] = safely(func() error {
				_, err := comesBack(c, v)
				return err
			})
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func hostile[T any](c codec.Codec[T], s sample[T]) error {
	payload, err := c.Encode(s.value)
	if err != nil {
		return fmt.Errorf("Encode(%+v): %w", s.value, err)
	}
	for _, p := range spoiled(payload, s.noise) {
		if err := safely(func() error { return total(c, p) }); err != nil {
			return fmt.Errorf("Decode(%q): %w", p, err)
		}
	}
	return nil
}

// total holds for any payload at all. Payloads are compared instead of values, because a float may be NaN.
func total[T any](c codec.Codec[T], p string) error {
	v, whole, err := codec.Read(c, p)
	if err != nil {
		return nil //nolint:nilerr // a refusal is what is asked for
	}
	first, err := c.Encode(v)
	if !whole && errors.Is(err, codec.ErrIncomplete) {
		return nil // it was said at once
	}
	if err != nil {
		return fmt.Errorf("accepted, but the value cannot be written: %w", err)
	}
	if v, err = c.Decode(first); err != nil {
		return fmt.Errorf("accepted, but the value does not come back: %w", err)
	}
	if second, err := c.Encode(v); err != nil || second != first {
		return fmt.Errorf("accepted, but the value changes with each turn: %q, %q, error %w", first, second, err)
	}
	return nil
}

func discreet[T any](c codec.Codec[T], s sample[T]) error {
	payload, err := c.Encode(s.value)
	if err != nil {
		return fmt.Errorf("Encode(%+v): %w", s.value, err)
	}
	secrets := longTexts(reflect.ValueOf(&s.value).Elem(), nil)
	for _, p := range append(spoiled(payload, s.noise), secretNoise) {
		_, err := c.Decode(p)
		if err == nil {
			continue
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			for _, secret := range append(secrets, secretNoise) {
				if strings.Contains(text, secret) {
					return fmt.Errorf("the error of Decode(%q) holds %q", p, secret)
				}
			}
		}
	}
	return nil
}
