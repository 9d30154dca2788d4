//! Elementary functions over degrees. Everything transcendental in the project goes through here, so that
//! interpreter, JIT and constant folder compute the same bits on every machine (`libm` is pure Rust).

/// Sine of an angle in degrees; exact at multiples of 90.
pub fn sin_deg(a: f64) -> f64 {
    let (q, r) = quarter(a);
    let (s, c) = (libm::sin(r.to_radians()), libm::cos(r.to_radians()));
    match q {
        0 => s,
        1 => c,
        2 => -s,
        _ => -c,
    }
}

/// Cosine of an angle in degrees; exact at multiples of 90.
pub fn cos_deg(a: f64) -> f64 {
    let (q, r) = quarter(a);
    let (s, c) = (libm::sin(r.to_radians()), libm::cos(r.to_radians()));
    match q {
        0 => c,
        1 => -s,
        2 => -c,
        _ => s,
    }
}

/// Tangent of an angle in degrees.
pub fn tan_deg(a: f64) -> f64 {
    sin_deg(a) / cos_deg(a)
}

/// Angle of the vector `(x, y)` in degrees, in (-180, 180]; exact on the axes.
pub fn atan2_deg(y: f64, x: f64) -> f64 {
    if y == 0.0 {
        return if x < 0.0 { 180.0 } else { 0.0 };
    }
    if x == 0.0 {
        return if y > 0.0 { 90.0 } else { -90.0 };
    }
    libm::atan2(y, x).to_degrees()
}

/// Arc cosine in degrees; the argument is clamped to [-1, 1].
pub fn acos_deg(x: f64) -> f64 {
    libm::acos(x.clamp(-1.0, 1.0)).to_degrees()
}

/// Arc sine in degrees; the argument is clamped to [-1, 1].
pub fn asin_deg(x: f64) -> f64 {
    libm::asin(x.clamp(-1.0, 1.0)).to_degrees()
}

/// e to the power `x`.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// Cube root.
pub fn cbrt(x: f64) -> f64 {
    libm::cbrt(x)
}

/// `x` to the power `y`.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// The same angle in (-180, 180].
pub fn wrap_deg(a: f64) -> f64 {
    let r = a - 360.0 * (a / 360.0).round();
    if r <= -180.0 { r + 360.0 } else { r }
}

/// Whole quarter turns (0..4) and a residual in (-45, 45] degrees, never -0: a residual is its own residual
/// to the last bit, so that turning by quarters leaves it as it is.
pub fn quarter(a: f64) -> (u8, f64) {
    let q = (a / 90.0).round();
    let r = a - 90.0 * q;
    let (q, r) = if r <= -45.0 { (q - 1.0, r + 90.0) } else { (q, r) };
    (q.rem_euclid(4.0) as u8, r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_on_the_axes() {
        assert_eq!(sin_deg(180.0), 0.0);
        assert_eq!(cos_deg(90.0), 0.0);
        assert_eq!(cos_deg(-180.0), -1.0);
        assert_eq!(sin_deg(-90.0), -1.0);
        assert_eq!(atan2_deg(0.0, -1.0), 180.0);
        assert_eq!(atan2_deg(-0.0, -1.0), 180.0);
    }

    #[test]
    fn wrapping() {
        assert_eq!(wrap_deg(180.0), 180.0);
        assert_eq!(wrap_deg(-180.0), 180.0);
        assert_eq!(wrap_deg(540.0), 180.0);
        assert_eq!(wrap_deg(-190.0), 170.0);
        assert_eq!(quarter(370.0), (0, 10.0));
        assert_eq!((quarter(45.0), quarter(-45.0)), ((0, 45.0), (3, 45.0)));
        for a in [0.0, -0.0, 44.9, 45.0, -45.0, 90.0, -135.0, 179.0, 1e9, -1e-300, 225.0] {
            let (_, r) = quarter(a);
            let (q, again) = quarter(r + 0.0);
            assert_eq!((q, again.to_bits()), (0, r.to_bits()), "{a}");
            assert!(!(r == 0.0 && r.is_sign_negative()) && -45.0 < r && r <= 45.0, "{a}");
        }
        assert_eq!(quarter(-90.0), (3, 0.0));
    }
}
