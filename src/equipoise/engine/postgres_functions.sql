-- What PostgreSQL says otherwise than our SQL means it, as functions of the session: each is one definition, parted by blank lines.

create or replace function pg_temp.eq_slow_double(given text) returns double precision language plpgsql stable as $$
begin
  return given::double precision;
exception
  when numeric_value_out_of_range then
    return case
      when given ~ '[eE]-' then 0
      when given ~ '^\s*-' then '-Infinity'::double precision
      else 'Infinity'::double precision
    end;
  when others then
    return null;
end $$

create or replace function pg_temp.eq_slow_date(given text) returns date language plpgsql stable as $$
declare
  part text[] := regexp_match(given, '^\s*(\d{1,4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*$');
begin
  return make_date(part[1]::int, part[3]::int, part[4]::int);
exception when others then
  return null;
end $$

create or replace function pg_temp.eq_round(given double precision) returns double precision language sql immutable as $$
  select trunc(given) + case when abs(given - trunc(given)) >= 0.5 then sign(given) else 0 end $$

create or replace function pg_temp.eq_round(given double precision, digits bigint) returns double precision language sql immutable as $$
  select pg_temp.eq_round(given * power(10::double precision, digits::double precision))
    / power(10::double precision, digits::double precision) $$

create or replace function pg_temp.eq_try_double(given text) returns double precision language sql stable as $$
  select case
    when given ~ '^\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]?[0-9])?\s*$' and length(given) < 60
    then given::double precision
    when given ~* '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+|inf|infinity|nan)(e[-+]?[0-9]+)?\s*$' then pg_temp.eq_slow_double(given)
  end $$

create or replace function pg_temp.eq_try_double(given double precision) returns double precision language sql immutable as $$ select given $$

create or replace function pg_temp.eq_try_date(given text) returns date language sql stable as $$
  select case
    when given ~ '^[0-9][0-9][0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])$' and left(given, 4) <> '0000' then given::date
    when given is not null then pg_temp.eq_slow_date(given)
  end $$

create or replace function pg_temp.eq_try_date(given date) returns date language sql immutable as $$ select given $$

create or replace function pg_temp.eq_try_date(given timestamp) returns date language sql immutable as $$ select given::date $$

create or replace function pg_temp.eq_bigint(given text) returns bigint language sql stable as $$
  select case
    when given ~ '^\s*[-+]?[0-9]+\s*$' and length(given) < 19 then given::bigint
    else pg_temp.eq_round(given::double precision)::bigint
  end $$

create or replace function pg_temp.eq_bigint(given double precision) returns bigint language sql immutable as $$ select given::bigint $$

create or replace function pg_temp.eq_bigint(given numeric) returns bigint language sql immutable as $$ select given::bigint $$

create or replace function pg_temp.eq_bigint(given bigint) returns bigint language sql immutable as $$ select given $$

create or replace function pg_temp.eq_bigint(given boolean) returns bigint language sql immutable as $$
  select case when given then 1 when not given then 0 end::bigint $$

create or replace function pg_temp.eq_try_bigint(given text) returns bigint language sql stable as $$
  select case
    when given ~ '^\s*[-+]?[0-9]+\s*$' and length(given) < 19 then given::bigint
    when abs(pg_temp.eq_try_double(given)) < 9e18 then pg_temp.eq_round(pg_temp.eq_try_double(given))::bigint
  end $$

create or replace function pg_temp.eq_try_bigint(given double precision) returns bigint language sql immutable as $$
  select case when abs(given) < 9e18 then given::bigint end $$

create or replace function pg_temp.eq_double(given text) returns double precision language sql stable as $$ select given::double precision $$

create or replace function pg_temp.eq_double(given double precision) returns double precision language sql immutable as $$ select given $$

create or replace function pg_temp.eq_double(given boolean) returns double precision language sql immutable as $$
  select case when given then 1 when not given then 0 end::double precision $$

create or replace function pg_temp.eq_text(given text) returns text language sql immutable as $$ select given $$

create or replace function pg_temp.eq_text(given double precision) returns text language sql stable as $$
  select case
    when given = 'NaN'::double precision then 'nan'
    when given = 'Infinity'::double precision then 'inf'
    when given = '-Infinity'::double precision then '-inf'
    when abs(given) >= 1e15 and abs(given) < 1e16 and given = trunc(given) then given::bigint::text || '.0'
    when given = trunc(given) and abs(given) < 1e15 then given::text || '.0'
    else given::text
  end $$

create or replace function pg_temp.eq_text(given bigint) returns text language sql immutable as $$ select given::text $$

create or replace function pg_temp.eq_text(given integer) returns text language sql immutable as $$ select given::text $$

create or replace function pg_temp.eq_text(given smallint) returns text language sql immutable as $$ select given::text $$

create or replace function pg_temp.eq_text(given numeric) returns text language sql immutable as $$ select given::text $$

create or replace function pg_temp.eq_text(given boolean) returns text language sql immutable as $$
  select case when given then 'true' when not given then 'false' end $$

create or replace function pg_temp.eq_text(given date) returns text language sql immutable as $$ select to_char(given, 'YYYY-MM-DD') $$

create or replace function pg_temp.eq_text(given timestamp) returns text language sql stable as $$ select given::text $$

create or replace function pg_temp.eq_text(given anyelement) returns text language sql stable as $$ select given::text $$

create or replace function pg_temp.eq_divided(a double precision, b double precision) returns double precision language sql immutable as $$
  select case
    when b <> 0 then a / b
    when b = 0 and a = 'NaN'::double precision then a
    when b = 0 and a > 0 then 'Infinity'::double precision
    when b = 0 and a < 0 then '-Infinity'::double precision
    when b = 0 and a = 0 then 'NaN'::double precision
  end $$

create or replace function pg_temp.eq_ln(given double precision) returns double precision language sql immutable as $$
  select case
    when given > 0 then ln(given)
    when given = 0 then '-Infinity'::double precision
    when given < 0 then 'NaN'::double precision
  end $$

create or replace function pg_temp.eq_log10(given double precision) returns double precision language sql immutable as $$
  select case
    when given > 0 then log(given)
    when given = 0 then '-Infinity'::double precision
    when given < 0 then 'NaN'::double precision
  end $$

create or replace function pg_temp.eq_sqrt(given double precision) returns double precision language sql immutable as $$
  select case when given < 0 then 'NaN'::double precision else sqrt(given) end $$

create or replace function pg_temp.eq_lower(given text) returns text language sql immutable as $$
  select lower(given collate "und-x-icu") collate "C" $$

create or replace function pg_temp.eq_upper(given text) returns text language sql immutable as $$
  select upper(given collate "und-x-icu") collate "C" $$

create or replace function pg_temp.eq_finite(given double precision) returns boolean language sql immutable as $$
  select given > '-Infinity'::double precision and given < 'Infinity'::double precision $$

create or replace function pg_temp.eq_finite(given date) returns boolean language sql immutable as $$ select isfinite(given) $$

create or replace function pg_temp.eq_number(given text) returns double precision language sql stable as $$
  select case
    when given ~ '^\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]?[0-9])?\s*$' and length(given) < 60
    then given::double precision
    when pg_temp.eq_finite(pg_temp.eq_try_double(given)) then pg_temp.eq_try_double(given)
  end $$

create or replace function pg_temp.eq_sha256(given text) returns text language sql immutable as $$
  select encode(sha256(convert_to(given, 'UTF8')), 'hex') collate "C" $$
