@webhooks @pci-6.2.4 @cwe-347 @cwe-345 @asvs-V4.1.5 @asvs-V9.1.1 @wstg-BUSL-02
Feature: Only the provider can say that money moved

  A webhook endpoint is open to the internet. Anyone can post to it; nobody but the provider may change an order by doing so.

  Background:
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay

  @critical @defect-W01
  Scenario Outline: A forged payment event changes nothing (<forgery>)
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the order stays unpaid
    And nothing is fulfilled

    Examples:
      | forgery                              |
      | no signature                         |
      | an empty signature                   |
      | a garbage signature                  |
      | a signature made with another secret |
      | a body altered after signing         |

  @critical @defect-W02
  Scenario: A signature made with a blank secret opens nothing
    When an attacker delivers a "payment succeeded" event with a signature made with an empty secret
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-W08
  Scenario: A signature under the provider's test scheme opens nothing
    When an attacker delivers a "payment succeeded" event with a signature under the test scheme only
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-W15
  Scenario: A header that asks to skip the check is not obeyed
    When an attacker delivers a "payment succeeded" event with a debugging header instead of a signature
    Then the order stays unpaid
    And nothing is fulfilled

  @medium @defect-W04
  Scenario: A signature from ten minutes ago opens nothing
    When an attacker delivers a "payment succeeded" event with a signature from ten minutes ago
    Then the order stays unpaid
    And nothing is fulfilled

  @medium @defect-W29
  Scenario: Even a leaked secret does not turn an unpaid order into a paid one
    When an attacker delivers a "payment succeeded" event with the real secret
    Then the order stays unpaid
    And nothing is fulfilled

  @low @defect-W34
  Scenario Outline: A forged event is refused, not stumbled over (<forgery>)
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the answer is a refusal, not an error of the server
    And the shop still answers

    Examples:
      | forgery             |
      | no signature        |
      | a garbage signature |

  @medium @defect-W16
  Scenario: A forged event does not make the shop ask the provider
    Given nothing is under way any more
    When an attacker delivers a "payment succeeded" event with a signature made with another secret
    Then the order stays unpaid
    And the provider was asked nothing since

  @medium @defect-W37 @cwe-770
  Scenario: A forged event is not kept
    When an attacker delivers a "payment succeeded" event with a signature made with another secret
    Then the order stays unpaid
    And the shop keeps no record of the forged event

  @medium @defect-W37 @cwe-770
  Scenario: A huge body without a signature is turned away
    When an attacker posts a body of two megabytes to the webhook door
    Then the answer is a refusal, not an error of the server
    And the shop keeps no record of the forged event
    And the shop still answers

  @critical @defect-W01
  Scenario Outline: A forged "<event>" takes nothing from a paid order
    When the shopper pays with a Visa card
    And the order is seen as paid
    And an attacker delivers a "<event>" event with a signature made with another secret
    Then the order stays paid
    And the shop counts 0.00 EUR as refunded
    And the shop counts 0.00 EUR as disputed
    And the books balance and agree with the provider

    Examples:
      | event            |
      | payment failed   |
      | payment refunded |
      | dispute opened   |
      | dispute lost     |
