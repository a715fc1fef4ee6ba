@payments @pci-6.2.4 @cwe-841 @cwe-362 @asvs-V2.3.1 @wstg-BUSL-10
Feature: A hold on a card is not yet money

  A shop that ships later holds the amount first and captures it when the parcel leaves. In between the money belongs to
  the shopper: it may lapse, be released, or be captured once, and never beyond what was held.

  @critical @defect-F01
  Scenario: A hold releases no goods
    Given a shopper with 100.00 EUR held on their card
    Then the order stays authorised
    And nothing is fulfilled
    And the books show no movement

  @critical @defect-F01 @defect-L01
  Scenario: Capturing the whole hold pays for the order
    Given a shopper with 100.00 EUR held on their card
    When the operator captures the payment
    Then the order is paid
    And the order is fulfilled once
    And the provider has 100.00 EUR captured
    And the books balance and agree with the provider

  @high @defect-M02 @defect-L01
  Scenario: Capturing a part releases the rest of the hold
    Given a shopper with 100.00 EUR held on their card
    When the operator captures 60.00 EUR
    Then the order is paid
    And the shop counts 60.00 EUR as captured
    And the provider has 60.00 EUR captured
    And the books balance and agree with the provider

  @high @defect-M02
  Scenario Outline: No more is captured than was held (<amount>)
    Given a shopper with 100.00 EUR held on their card
    When the operator captures <amount>
    Then the answer is a refusal, not an error of the server
    And the order stays authorised
    And the provider has 0.00 EUR captured

    Examples:
      | amount     |
      | 100.01 EUR |
      | 0.00 EUR   |
      | -10.00 EUR |

  @critical @defect-M01
  Scenario: Two members of staff capture at the same moment
    Given a shopper with 100.00 EUR held on their card
    When the operator captures the payment 2 times at once
    Then the order is paid
    And the provider has 100.00 EUR captured
    And the shop counts 100.00 EUR as captured
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-R09
  Scenario: Capturing what is captured already is no failure
    Given a shopper with 100.00 EUR held on their card
    When the payment is captured at the provider's own desk
    And the operator captures the payment
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 capture

  @high @defect-M02
  Scenario: Releasing the hold gives the money back
    Given a shopper with 100.00 EUR held on their card
    When the operator releases the hold
    Then the order is cancelled
    And the provider counts 0 captures
    And nothing is fulfilled

  @high @defect-M02
  Scenario: What was released cannot be captured any more
    Given a shopper with 100.00 EUR held on their card
    When the operator releases the hold
    And the operator captures the payment
    Then the answer is a refusal, not an error of the server
    And the order stays cancelled
    And nothing is fulfilled

  @high @defect-M02 @defect-W20 @simulator-only
  Scenario: A hold that nobody captures lapses, and the shop notices
    Given a shopper with 100.00 EUR held on their card
    When 30 days pass
    Then the order is cancelled
    And nothing is fulfilled

  @high @defect-M02 @simulator-only
  Scenario: A lapsed hold cannot be captured
    Given a shopper with 100.00 EUR held on their card
    When 30 days pass
    And the operator captures the payment
    Then the answer is a refusal, not an error of the server
    And nothing is fulfilled
    And the provider has 0.00 EUR captured

  @medium @defect-M03
  Scenario: A hold is released, not refunded
    Given a shopper with 100.00 EUR held on their card
    When the operator refunds 100.00 EUR
    Then the answer is a refusal, not an error of the server
    And the order stays authorised
    And the provider counts 0 refunds
